import { type DepositedAll, type DepositedSome, ENVELOPE_MAGIC, ENVELOPE_MEDIA_TYPE } from "@mayfly/wire";
import type { FastifyInstance } from "fastify";
import { manageHash } from "../../hashes.ts";
import { ProblemError, wrongField } from "../../problem.ts";
import { addRoute, idOf, partOf, type RouteContext } from "../../route.ts";
import { orEnded } from "./ended.ts";

/** PUT /secrets/{id}/parts/{part}: stores one part; the last one makes the secret live. */
export function depositRoute(app: FastifyInstance, context: RouteContext, partBytes: number): void {
  // A context of its own: here alone a body is raw bytes, and JSON is the wrong type.
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(ENVELOPE_MEDIA_TYPE, { parseAs: "buffer" }, (_request, body, done) =>
      done(null, body),
    );

    addRoute(scope, context, "deposit", { bodyLimit: partBytes }, async (request, reply) => {
      const id = idOf(request);
      const part = partOf(request);
      const manage = manageHash(request);
      const bytes = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
      if (part === 0 && !bytes.subarray(0, ENVELOPE_MAGIC.length).equals(ENVELOPE_MAGIC))
        throw wrongField("body", "an envelope of version 1");

      const answer = orEnded(await context.store.deposit({ id, manage, part, bytes }));
      switch (answer.outcome) {
        case "live": {
          const live: DepositedAll = { state: "live", expiresAt: new Date(answer.expiresAt).toISOString() };
          return reply.code(201).send(live);
        }
        case "incomplete": {
          const some: DepositedSome = { state: "reserved", missing: [...answer.missing] };
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
