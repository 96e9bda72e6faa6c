import type { Config } from "@mayfly/config";
import { PASSPHRASE_ATTEMPTS, READS, type Service } from "@mayfly/wire";
import { openapi } from "@mayfly/wire/openapi";
import type { FastifyInstance } from "fastify";
import { addRoute, type RouteContext } from "./route.ts";

/** GET /service and GET /openapi.json: what anyone may know. */
export function serviceRoutes(
  app: FastifyInstance,
  context: RouteContext,
  config: Config,
  version: string,
): void {
  const limits: Service["limits"] = {
    lifetimeSeconds: config.lifetimeSeconds,
    readsMax: READS.max,
    envelopeBytes: config.envelopeMaxBytes,
    partBytes: config.partBytes,
    leaseSeconds: config.leaseMs / 1000,
    passphraseAttempts: PASSPHRASE_ATTEMPTS,
  };
  const time = (at: number | null) => (at === null ? null : new Date(at).toISOString());

  addRoute(app, context, "service", {}, async (_request, reply) => {
    const { halted, since } = context.guard.state();
    const { lastSweepAt, nextSweepBy } = context.guard.maintenance;
    const service: Service = {
      state: halted === null ? "accepting" : "halted",
      since: new Date(since).toISOString(),
      version,
      limits,
      maintenance: {
        lastSweepAt: time(lastSweepAt),
        nextSweepBy: time(nextSweepBy),
        // While it is halted, what ends waits for the next sweep.
        erasedWithinSeconds: halted === null ? context.store.erasedWithinSeconds : null,
      },
    };
    return reply.send(service);
  });

  const document = JSON.stringify(
    openapi({ version, ...(config.publicOrigin !== null && { server: config.publicOrigin }) }),
  );
  addRoute(app, context, "openapi", { responseBytes: document.length }, async (_request, reply) =>
    reply.type("application/json").send(document),
  );
}
