import { randomBytes } from "node:crypto";
import type { Clock, Config, Log } from "@mayfly/config";
import type { RateLimits } from "@mayfly/store";
import type { FastifyInstance } from "fastify";
import { registerRateLimit } from "../plugins/rate-limit.ts";
import { Backpressure, type BackpressureLimits, backpressureLimits } from "./backpressure.ts";
import { ByteQuota } from "./byte-quota.ts";
import { Claims, LEASES_OF_ONE } from "./claims.ts";
import { Clients } from "./clients.ts";
import { CONNECTIONS_OF_ONE, limitConnections } from "./connections.ts";
import { Counts } from "./counts.ts";
import { sayForwarded } from "./forwarded.ts";

/** What routes ask of the limits. LIMITS.md has the whole. */
export interface Limits {
  /** Null: clients are not limited. */
  readonly counts: Counts | null;
  readonly quota: ByteQuota;
  readonly backpressure: Backpressure;
  readonly claims: Claims;
}

interface Parts {
  readonly config: Config;
  readonly store: RateLimits;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a client may take to read a response. */
  readonly answerMs: number;
  /** For tests that cannot send as much as the service takes. */
  readonly bytes?: BackpressureLimits;
}

/** Puts the limits before the routes that are added later. */
export async function applyLimits(app: FastifyInstance, parts: Parts): Promise<Limits> {
  const { config, store, clock, log, answerMs, bytes = backpressureLimits } = parts;
  const clients = new Clients(clock);
  app.decorateRequest("address", "").decorateRequest("client").decorateRequest("beyondQuotaMs", 0);
  app.addHook("onRequest", (request, _reply, done) => {
    request.address = request.ip;
    request.client = clients.of(request.address);
    done();
  });
  limitConnections(app, clients, config.rateLimits ? CONNECTIONS_OF_ONE : null, config.trustedProxies);
  sayForwarded(app, log, clock);
  const counts = config.rateLimits
    ? new Counts({
        clock,
        key: config.limiterKey ?? randomBytes(32).toString("base64url"),
        store: config.limiterKey === null ? null : store,
      })
    : null;
  if (counts !== null) {
    counts.shareWhileListening(app);
    await registerRateLimit(app, counts);
  }
  const backpressure = new Backpressure(
    config.rateLimits ? bytes : { ...bytes, ofOne: Number.POSITIVE_INFINITY },
    answerMs,
  );
  backpressure.watch(app);
  return {
    counts,
    quota: new ByteQuota(counts, config.clientBytesPerHour, clock),
    backpressure,
    claims: new Claims(clock, config.leaseMs, counts === null ? Number.POSITIVE_INFINITY : LEASES_OF_ONE),
  };
}
