import type { Clock, Config, Log } from "@mayfly/config";
import type { Store } from "@mayfly/store";
import { JSON_BODY_BYTES } from "@mayfly/wire";
import fastify, { type FastifyInstance } from "fastify";
import { answerConnectionError, answerOnce } from "./http/connection-errors.ts";
import { answerFailures } from "./http/failures.ts";
import { refuseOtherHosts } from "./http/host.ts";
import { acceptJsonOnly } from "./http/json-body.ts";
import { ProblemError } from "./http/problem.ts";
import { defaultTimeouts, type Timeouts } from "./http/timeouts.ts";
import type { BackpressureLimits } from "./limits/backpressure.ts";
import { applyLimits } from "./limits/limits.ts";
import { Guard } from "./maintenance/guard.ts";
import { addSecurityHeaders, NO_STORE } from "./plugins/helmet.ts";
import { LATE_MS, refuseWhenOverloaded } from "./plugins/under-pressure.ts";
import { Metrics } from "./routes/metrics.ts";
import { NOT_FOUND_AFTER_MS } from "./routes/not-found-delay.ts";
import { addOperatorRoutes } from "./routes/operator.ts";
import { pageRoutes, readPage } from "./routes/page.ts";
import type { RouteContext } from "./routes/route.ts";
import { acknowledgeRoute } from "./routes/secrets/acknowledge.ts";
import { burnRoute } from "./routes/secrets/burn.ts";
import { depositRoute } from "./routes/secrets/deposit.ts";
import { openRoute } from "./routes/secrets/open.ts";
import { partRoute } from "./routes/secrets/part.ts";
import { reserveRoute } from "./routes/secrets/reserve.ts";
import { statusRoute } from "./routes/secrets/status.ts";
import { serviceRoutes } from "./routes/service.ts";
import { answerBadUrl, answerUnknown } from "./routes/unknown.ts";

interface AppParts {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** The folder of the built page; null serves the API alone. */
  readonly pageDirectory: string | null;
  readonly version: string;
  /** For tests that cannot wait as long as the service does. */
  readonly timeouts?: Timeouts;
  /** For tests that cannot send as much as the service takes. */
  readonly bytes?: BackpressureLimits;
  /** For the test that shows what would be seen without it. */
  readonly notFoundAfterMs?: number;
  /** For tests on a busy machine: how late the event loop may run, see under-pressure.ts; 0 refuses nothing. */
  readonly lateMs?: number;
}

/** Composes the API. Opens no store and starts no timer: the caller listens, and calls `guard.look` every second. */
export async function buildApp(parts: AppParts): Promise<{ app: FastifyInstance; guard: Guard }> {
  const { config, store, clock, log, timeouts = defaultTimeouts } = parts;
  const guard = new Guard({ store, clock, maxAgeMs: config.heartbeatMaxAgeMs });
  const { publicOrigin } = config;
  const { notFoundAfterMs = NOT_FOUND_AFTER_MS } = parts;
  const page = parts.pageDirectory === null ? null : readPage(parts.pageDirectory);

  const app = fastify({
    logger: false,
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    bodyLimit: JSON_BODY_BYTES,
    requestTimeout: timeouts.requestMs,
    connectionTimeout: timeouts.idleMs,
    http: {
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.lookEveryMs,
      requireHostHeader: false,
    },
    routerOptions: { ignoreDuplicateSlashes: false, ignoreTrailingSlash: false },
    exposeHeadRoutes: false,
    // Ours, with our headers, is in the hook below.
    return503OnClosing: false,
    ajv: {
      customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false, allErrors: true },
    },
    clientErrorHandler: answerConnectionError,
    frameworkErrors: answerBadUrl(page, refuseOtherHosts(publicOrigin)),
  });

  const refuseHost = refuseOtherHosts(publicOrigin);
  let closing = false;
  app.addHook("preClose", (done) => {
    closing = true;
    done();
  });
  answerOnce(app);
  await addSecurityHeaders(app);
  app.addHook("onRequest", (_request, reply, done) => {
    // The assets, which may be kept, say so themselves.
    reply.headers(NO_STORE);
    done();
  });
  const metrics = new Metrics();
  metrics.watch(app);
  // Before anything refuses, so that a refusal that nobody reads is held and reset like any other response.
  const limits = await applyLimits(app, {
    ...{ config, store, clock, log, answerMs: timeouts.answerMs },
    ...(parts.bytes && { bytes: parts.bytes }),
  });
  guard.whenOpened = (haltedMs) => limits.claims.resume(haltedMs);
  app.addHook("onRequest", (request, reply, done) => {
    refuseHost(request);
    if (!closing) return done();
    reply.header("connection", "close");
    done(new ProblemError("unavailable"));
  });
  answerFailures(app, log);
  acceptJsonOnly(app);
  await refuseWhenOverloaded(app, parts.lateMs ?? LATE_MS);
  const context: RouteContext = { store, guard, limits, publicOrigin, notFoundAfterMs };

  if (page !== null) await pageRoutes(app, page);
  const reservations = {
    lifetimeMaxSeconds: config.lifetimeSeconds.max,
    envelopeMaxBytes: config.envelopeMaxBytes,
    partBytes: config.partBytes,
    leaseMs: config.leaseMs,
  };
  reserveRoute(app, context, reservations);
  depositRoute(app, context, config.partBytes);
  openRoute(app, context, config.partBytes);
  partRoute(app, context, config.partBytes);
  acknowledgeRoute(app, context);
  statusRoute(app, context);
  burnRoute(app, context);
  serviceRoutes(app, context, config, parts.version);
  addOperatorRoutes(app, context, metrics, config.metricsFrom, clock);
  answerUnknown(app, context, page);
  return { app, guard };
}
