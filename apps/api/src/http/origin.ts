import type { FastifyRequest } from "fastify";
import { ProblemError } from "./problem.ts";

/**
 * Refuses what a page of another site sends. Programs send neither header and pass; there is nothing ambient, such as a
 * cookie, that a foreign page could use, but it has no business here and preflights get no answer that would let it in.
 * Throws `cross_site`.
 */
export function refuseCrossSite(request: FastifyRequest, publicOrigin: string | null): void {
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") throw new ProblemError("cross_site");
  const origin = request.headers.origin;
  if (origin === undefined) return;
  const own = publicOrigin ?? `http://${request.headers.host}`;
  if (origin !== own) throw new ProblemError("cross_site");
}
