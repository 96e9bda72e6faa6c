import type { ClaimBody } from "@mayfly/wire";
import { ClaimBody as schema } from "@mayfly/wire/schemas";
import type { FastifyInstance } from "fastify";
import { hashOf } from "../hashes.ts";
import { addRoute, idOf, type RouteContext } from "../route.ts";
import { orEnded } from "./ended.ts";

/** POST /secrets/{id}/acknowledge: the read is confirmed; what has no reads left is destroyed. Works while halted. */
export function acknowledgeRoute(app: FastifyInstance, context: RouteContext): void {
  addRoute(app, context, "acknowledge", { schema: { body: schema } }, async (request, reply) => {
    const { claim } = request.body as ClaimBody;
    const id = idOf(request);
    orEnded(await context.store.acknowledge({ id, claim: hashOf(claim) }));
    context.limits.claims.forget(id, claim);
    return reply.code(204).send();
  });
}
