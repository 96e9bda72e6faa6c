import { randomBytes } from "node:crypto";
import { ID_BYTES, isEnvelopeLength, type ReserveBody, type Reserved } from "@mayfly/wire";
import { fieldFaults } from "@mayfly/wire/faults";
import { ReserveBody as schema } from "@mayfly/wire/schemas";
import type { FastifyInstance } from "fastify";
import { ProblemError, wrongField, wrongFields } from "../../http/problem.ts";
import { bytesOf } from "../hashes.ts";
import { addRoute, type RouteContext } from "../route.ts";

interface ReserveLimits {
  readonly lifetimeMaxSeconds: number;
  readonly envelopeMaxBytes: number;
  readonly partBytes: number;
  readonly leaseMs: number;
}

/** POST /secrets: keeps a place for an envelope and gives it an id. */
export function reserveRoute(app: FastifyInstance, context: RouteContext, limits: ReserveLimits): void {
  addRoute(app, context, "reserve", { schema: { body: schema } }, async (request, reply) => {
    const body = request.body as ReserveBody;
    if (body.lifetime > limits.lifetimeMaxSeconds)
      throw wrongField("lifetime", `at most ${limits.lifetimeMaxSeconds} seconds on this service`);
    if (!isEnvelopeLength(body.bytes)) throw wrongFields(fieldFaults(schema, [{ instancePath: "/bytes" }]));
    if (body.bytes > limits.envelopeMaxBytes) throw new ProblemError("too_large");

    context.limits.quota.check(request.client, body.bytes);
    const id = randomBytes(ID_BYTES).toString("base64url");
    const answer = await context.store.reserve({
      id,
      lifetimeMs: body.lifetime * 1000,
      reads: body.reads,
      bytes: body.bytes,
      partBytes: limits.partBytes,
      leaseMs: limits.leaseMs,
      link: bytesOf(body.verifiers.link),
      passphrase: body.verifiers.passphrase === undefined ? null : bytesOf(body.verifiers.passphrase),
      manage: bytesOf(body.verifiers.manage),
    });
    if (answer.outcome === "full") throw new ProblemError("store_full");
    const reserved: Reserved = {
      id,
      parts: Math.ceil(body.bytes / limits.partBytes),
      partBytes: limits.partBytes,
      depositBy: new Date(answer.depositBy).toISOString(),
    };
    return reply.code(201).send(reserved);
  });
}
