import { randomBytes } from "node:crypto";
import { ENVELOPE_MEDIA_TYPE, OPEN_HEADERS, type OpenBody } from "@mayfly/wire";
import { OpenBody as schema } from "@mayfly/wire/schemas";
import type { FastifyInstance } from "fastify";
import { ProblemError } from "../../http/problem.ts";
import { hashOf } from "../hashes.ts";
import { addRoute, idOf, type RouteContext } from "../route.ts";
import { orEnded } from "./ended.ts";

/** POST /secrets/{id}/open: hands part 0 to the claim that takes a read. */
export function openRoute(app: FastifyInstance, context: RouteContext, partBytes: number): void {
  addRoute(
    app,
    context,
    "open",
    { schema: { body: schema }, responseBytes: partBytes },
    async (request, reply) => {
      const body = request.body as OpenBody;
      const id = idOf(request);
      const leased = context.limits.claims.open(id, body.claim, request.client);
      const opening = {
        id,
        link: hashOf(body.linkProof),
        passphrase: body.passphraseProof === undefined ? null : hashOf(body.passphraseProof),
        claim: hashOf(body.claim),
        attempt: randomBytes(16),
      };
      const found = await context.store.open(opening).catch((error: unknown) => {
        leased(false);
        throw error;
      });
      leased(found.outcome === "opened", found.outcome === "opened" && found.readsLeft === "unlimited");
      const answer = orEnded(found);
      switch (answer.outcome) {
        case "passphrase_required":
          throw new ProblemError("passphrase_required");
        case "wrong_passphrase":
          throw new ProblemError("wrong_passphrase", { attemptsLeft: answer.attemptsLeft });
        case "busy":
          throw new ProblemError("unavailable");
        case "opened":
          return reply
            .headers({
              [OPEN_HEADERS.parts]: answer.parts,
              [OPEN_HEADERS.bytes]: answer.bytes,
              [OPEN_HEADERS.readsLeft]: answer.readsLeft,
              [OPEN_HEADERS.leaseEnds]: new Date(answer.leaseEnds).toISOString(),
            })
            .type(ENVELOPE_MEDIA_TYPE)
            .send(answer.part);
      }
    },
  );
}
