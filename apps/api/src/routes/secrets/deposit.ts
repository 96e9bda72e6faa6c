import { type DepositedAll, type DepositedSome, ENVELOPE_MAGIC, ENVELOPE_MEDIA_TYPE } from "@mayfly/wire";
import type { FastifyInstance } from "fastify";
import { manageHash } from "../../hashes.ts";
import { clientOfRequest } from "../../limits/client.ts";
import { ProblemError, wrongField } from "../../problem.ts";
import { addRoute, idOf, partOf, type RouteContext } from "../../route.ts";
import { UploadRoom } from "../../upload-room.ts";
import { orEnded } from "./ended.ts";
import { missingRanges } from "./missing-ranges.ts";

/** PUT /secrets/{id}/parts/{part}: stores one part; the last one makes the secret live. */
export function depositRoute(app: FastifyInstance, context: RouteContext, partBytes: number): void {
  // A context of its own: here alone a body is raw bytes, and JSON is the wrong type.
  const room = new UploadRoom(context.limits.rates);
  app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(ENVELOPE_MEDIA_TYPE, { parseAs: "buffer" }, (_request, body, done) =>
      done(null, body),
    );

    scope.addHook("onRequest", (request, reply, done) => {
      const [client = ""] = clientOfRequest(request);
      // A body in chunks says nothing of its length; one beyond the limit is refused unread.
      const bytes = Math.min(Number(request.headers["content-length"] ?? partBytes), partBytes);
      if (!room.enter(client, bytes)) {
        reply.header("connection", "close");
        return done(new ProblemError("busy"));
      }
      reply.raw.once("close", () => room.leave(client, bytes));
      done();
    });

    addRoute(scope, context, "deposit", { bodyLimit: partBytes }, async (request, reply) => {
      const id = idOf(request);
      const part = partOf(request);
      const manage = manageHash(request);
      const bytes = (request.body as Buffer | undefined) ?? Buffer.alloc(0);
      if (part === 0 && !bytes.subarray(0, ENVELOPE_MAGIC.length).equals(ENVELOPE_MAGIC))
        throw wrongField("body", "an envelope of version 1");

      const charged = context.limits.quota.charge(clientOfRequest(request), `${id}/${part}`, bytes.length);
      const deposited = await context.store.deposit({ id, manage, part, bytes }).catch((error: unknown) => {
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
