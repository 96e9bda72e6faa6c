import { setImmediate as turn } from "node:timers/promises";
import type { End } from "@mayfly/store";
import { type DepositedAll, type DepositedSome, ENVELOPE_MAGIC, ENVELOPE_MEDIA_TYPE } from "@mayfly/wire";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ProblemError, wrongField } from "../../http/problem.ts";
import { manageHash } from "../hashes.ts";
import { delayNotFound } from "../not-found-delay.ts";
import { addRoute, idOf, partOf, type RouteContext } from "../route.ts";
import { orEnded } from "./ended.ts";
import { missingRanges } from "./missing-ranges.ts";

/** PUT /secrets/{id}/parts/{part}: stores one part; the last one makes the secret live. */
export function depositRoute(app: FastifyInstance, context: RouteContext, partBytes: number): void {
  const { store, guard, limits } = context;
  /** Asks the store whether this id waits for parts from this token, where that can be said before the body is here. */
  const expected = async (request: FastifyRequest) => {
    const [id, manage] = [idOf(request), manageHash(request)];
    partOf(request);
    if (Number(request.headers["content-length"] ?? 0) > partBytes) throw new ProblemError("too_large");
    // What comes with its headers is whole a turn later; the step that stores it finds out as well.
    if (!request.raw.complete) await turn();
    if (request.raw.complete) return;
    if (guard.halted !== null) throw new ProblemError("halted");
    const found = orEnded(await store.status({ id, manage }));
    if (found.endedAt !== null)
      orEnded({ outcome: "gone", state: found.state as End, endedAt: found.endedAt });
  };
  const paced = delayNotFound(expected, context.notFoundAfterMs);

  // A context of its own: here alone a body is raw bytes, and JSON is the wrong type.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      ENVELOPE_MEDIA_TYPE,
      (request: FastifyRequest, payload: NodeJS.ReadableStream) =>
        limits.backpressure.receive(request, payload, partBytes),
    );
    const preParsing = async (request: FastifyRequest, reply: FastifyReply) => {
      try {
        await paced(request);
      } catch (error) {
        // The body is still on its way.
        if (!request.raw.complete) reply.header("connection", "close");
        throw error;
      }
    };

    addRoute(scope, context, "deposit", { bodyLimit: partBytes, preParsing }, async (request, reply) => {
      const id = idOf(request);
      const part = partOf(request);
      const manage = manageHash(request);
      const bytes = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
      if (part === 0 && !bytes.subarray(0, ENVELOPE_MAGIC.length).equals(ENVELOPE_MAGIC))
        throw wrongField("body", "an envelope of version 1");

      const charged = limits.quota.charge(request.client, `${id}/${part}`, bytes.length);
      const deposited = await store.deposit({ id, manage, part, bytes }).catch((error: unknown) => {
        charged(false);
        throw error;
      });
      charged(deposited.outcome === "live" || deposited.outcome === "incomplete");
      const answer = orEnded(deposited);
      switch (answer.outcome) {
        case "live": {
          const live: DepositedAll = { state: "live", expiresAt: new Date(answer.expiresAt).toISOString() };
          return reply.code(201).send(live);
        }
        case "incomplete": {
          const some: DepositedSome = { state: "reserved", missing: missingRanges(answer.missing) };
          return reply.code(200).send(some);
        }
        case "conflict":
          throw new ProblemError("conflict");
        case "full":
          throw new ProblemError("store_full");
        case "wrong_length":
          if (answer.expected === null)
            throw wrongField("part", "a part number below the number of parts reserved");
          throw wrongField("body", `exactly ${answer.expected} bytes for this part`);
      }
    });
  });
}
