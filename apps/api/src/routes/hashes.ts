import { hash } from "node:crypto";
import { BASE64URL_32_BYTES } from "@mayfly/wire";
import type { FastifyRequest } from "fastify";
import { ProblemError } from "../http/problem.ts";

/** The bytes of a base64url text whose form the schema has checked. */
export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "base64url");
}

/** SHA-256 of a proof, claim or token in its wire form: all that ever reaches the store. */
export function hashOf(text: string): Uint8Array {
  return hash("sha256", bytesOf(text), "buffer");
}

const SCHEME = "Bearer ";
const TOKEN = new RegExp(BASE64URL_32_BYTES);

/** The hash of the manage token in `Authorization`. Throws `unauthorized` when there is none of the right form. */
export function manageHash(request: FastifyRequest): Uint8Array {
  const { authorization = "" } = request.headers;
  const token = authorization.slice(SCHEME.length);
  if (!authorization.startsWith(SCHEME) || !TOKEN.test(token)) throw new ProblemError("unauthorized");
  return hashOf(token);
}
