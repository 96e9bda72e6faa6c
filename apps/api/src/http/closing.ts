import type { Socket } from "node:net";
import type { FastifyRequest } from "fastify";
import { ProblemError } from "./problem.ts";

/** Connections that end with a response that is chosen already. A request behind it gets none, so nothing may be done for it. */
const closing = new WeakSet<Socket>();

/** From now on no request of this connection is done any more. */
export function closeBehind(socket: Socket): void {
  closing.add(socket);
}

/** Throws for a request behind one that ends the connection. */
export function refuseBehindClosing({ raw }: FastifyRequest): void {
  if (closing.has(raw.socket)) throw new ProblemError("invalid_request");
}
