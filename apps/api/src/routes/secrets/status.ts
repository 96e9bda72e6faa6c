import type { StatusAnswer } from "@mayfly/store";
import type { Status, StatusBody } from "@mayfly/wire";
import { fieldFaults } from "@mayfly/wire/faults";
import { StatusBody as schema } from "@mayfly/wire/schemas";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { wrongField, wrongFields } from "../../http/problem.ts";
import { hashOf, manageHash } from "../hashes.ts";
import { addRoute, idOf, type RouteContext } from "../route.ts";
import { orEnded } from "./ended.ts";

/** POST /secrets/{id}/status: state and times, for a holder of the link (in the body) or of the manage token. */
export function statusRoute(app: FastifyInstance, context: RouteContext): void {
  addRoute(app, context, "status", {}, async (request, reply) => {
    const answer = orEnded(await context.store.status({ id: idOf(request), ...holder(request) }));
    return reply.send(statusOf(answer));
  });
}

/** The proof of who asks. The body is checked here, because only this route may come without one. */
function holder(request: FastifyRequest): { link: Uint8Array } | { manage: Uint8Array } {
  const hasBody = request.body !== undefined;
  if (hasBody && request.headers.authorization !== undefined)
    throw wrongField("body", "either linkProof in the body or the manage token in Authorization, not both");
  if (!hasBody) return { manage: manageHash(request) };

  const validate = request.compileValidationSchema(schema) as ReturnType<
    typeof request.compileValidationSchema
  > & {
    errors?: Parameters<typeof fieldFaults>[1] | null;
  };
  if (!validate(request.body)) throw wrongFields(fieldFaults(schema, validate.errors ?? []));
  return { link: hashOf((request.body as StatusBody).linkProof) };
}

function statusOf(answer: Extract<StatusAnswer, { outcome: "status" }>): Status {
  return {
    state: answer.state,
    expiresAt: new Date(answer.expiresAt).toISOString(),
    readsLeft: answer.readsLeft,
    passphrase: answer.passphrase,
    attemptsLeft: answer.attemptsLeft,
    ...(answer.openedAt !== null && { openedAt: new Date(answer.openedAt).toISOString() }),
    ...(answer.endedAt !== null && { endedAt: new Date(answer.endedAt).toISOString() }),
  };
}
