import { hash } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { wrongField } from "./problem.ts";

/** The bytes of a base64url text whose form the schema has checked. */
export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "base64url");
}

/** SHA-256 of a proof, claim or token in its wire form: all that ever reaches the store. */
export function hashOf(text: string): Uint8Array {
  return hash("sha256", bytesOf(text), "buffer");
}

const BEARER = /^Bearer ([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/;

/** The hash of the manage token in `Authorization`. Throws a 400 when there is none of the right form. */
export function manageHash(request: FastifyRequest): Uint8Array {
  const token = BEARER.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined)
    throw wrongField("authorization", "Bearer and the manage token as 43 characters of base64url");
  return hashOf(token);
}
