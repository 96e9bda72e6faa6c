import type { FastifyInstance } from "fastify";
import { manageHash } from "../hashes.ts";
import { addRoute, idOf, type RouteContext } from "../route.ts";
import { orEnded } from "./ended.ts";

/** DELETE /secrets/{id}: the sender destroys it. Works while halted. */
export function burnRoute(app: FastifyInstance, context: RouteContext): void {
  addRoute(app, context, "burn", {}, async (request, reply) => {
    orEnded(await context.store.burn({ id: idOf(request), manage: manageHash(request) }));
    return reply.code(204).send();
  });
}
