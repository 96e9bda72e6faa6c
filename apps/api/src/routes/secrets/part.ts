import { type ClaimBody, ENVELOPE_MEDIA_TYPE, OPEN_HEADERS } from "@mayfly/wire";
import { ClaimBody as schema } from "@mayfly/wire/schemas";
import type { FastifyInstance } from "fastify";
import { hashOf } from "../hashes.ts";
import { addRoute, idOf, partOf, type RouteContext } from "../route.ts";
import { orEnded } from "./ended.ts";

/** POST /secrets/{id}/parts/{part}: a further part for a claim within its lease. */
export function partRoute(app: FastifyInstance, context: RouteContext, partBytes: number): void {
  addRoute(
    app,
    context,
    "part",
    { schema: { body: schema }, responseBytes: partBytes },
    async (request, reply) => {
      const { claim } = request.body as ClaimBody;
      const id = idOf(request);
      const answer = orEnded(await context.store.part({ id, part: partOf(request), claim: hashOf(claim) }));
      context.limits.claims.renew(id, claim);
      return reply
        .header(OPEN_HEADERS.leaseEnds, new Date(answer.leaseEnds).toISOString())
        .type(ENVELOPE_MEDIA_TYPE)
        .send(answer.part);
    },
  );
}
