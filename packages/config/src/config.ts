/** The values as the programs use them: grouped, in milliseconds and bytes. */
import { readFileSync } from "node:fs";
import type { StoreOptions } from "@mayfly/store";
import { LIFETIME_SECONDS } from "@mayfly/wire";
import { type Environment, isLoopback, parseValues } from "./parse.ts";
import type { Values } from "./variables.ts";

export interface Config {
  readonly port: number;
  readonly host: string;
  /** Null only on loopback: then loopback names alone are served, and each is an origin of ours. */
  readonly publicOrigin: string | null;
  readonly trustedProxies: readonly string[];
  readonly metricsFrom: readonly string[];
  readonly rateLimits: boolean;
  /** What the API processes over one store share; null: each counts its clients by itself. */
  readonly limiterKey: string | null;
  /** What one client may deposit in an hour. */
  readonly clientBytesPerHour: number;
  readonly logLevel: Values["LOG_LEVEL"];
  readonly heartbeatMaxAgeMs: number;
  readonly leaseMs: number;
  readonly lifetimeSeconds: { readonly min: number; readonly default: number; readonly max: number };
  readonly envelopeMaxBytes: number;
  readonly partBytes: number;
  readonly store: StoreOptions;
  /** Sentences the operator must read at start. */
  readonly warnings: readonly string[];
}

/** Parses the environment. `program` names what this process remembers of the store. Throws `ConfigRefused` with all faults. */
export function readConfig(
  environment: Environment,
  readFile: (path: string) => string = (path) => readFileSync(path, "utf8"),
  program = "mayfly",
): Config {
  const values = parseValues(environment, readFile);
  const max = values.MAYFLY_LIFETIME_MAX_SECONDS;
  return {
    port: values.PORT,
    host: values.HOST,
    publicOrigin: values.PUBLIC_URL?.origin ?? null,
    trustedProxies: values.TRUSTED_PROXIES,
    metricsFrom: values.MAYFLY_METRICS_FROM,
    rateLimits: values.MAYFLY_RATE_LIMITS === "on",
    limiterKey: values.MAYFLY_LIMITER_KEY ?? null,
    clientBytesPerHour: values.MAYFLY_CLIENT_BYTES_PER_HOUR ?? usualBytesPerHour(values),
    logLevel: values.LOG_LEVEL,
    heartbeatMaxAgeMs: values.MAYFLY_HEARTBEAT_MAX_AGE_SECONDS * 1000,
    leaseMs: values.MAYFLY_LEASE_SECONDS * 1000,
    lifetimeSeconds: { min: LIFETIME_SECONDS.min, default: Math.min(LIFETIME_SECONDS.default, max), max },
    envelopeMaxBytes: values.MAYFLY_ENVELOPE_MAX_BYTES,
    partBytes: values.MAYFLY_PART_BYTES,
    store: storeOptions(values, program),
    warnings: warnings(values),
  };
}

/**
 * An eighth of the store, and the largest envelope where it is no more than half of it. Requests alone do not bound what a client
 * deposits: a minute's worth of the largest envelopes is more than most stores hold.
 */
function usualBytesPerHour(values: Values): number {
  const { MAYFLY_STORE_MAX_BYTES: capacity, MAYFLY_ENVELOPE_MAX_BYTES: envelope } = values;
  return Math.floor(Math.max(capacity / 8, Math.min(envelope, capacity / 2)));
}

function storeOptions(values: Values, program: string): StoreOptions {
  const history = {
    directory: values.MAYFLY_MARK_DIR ?? `${values.DATA_DIR.replace(/\/+$/, "")}-mark`,
    program,
    restored: values.MAYFLY_RESTORED,
  };
  if (values.REDIS_URL !== undefined) {
    return {
      kind: "redis",
      url: values.REDIS_URL,
      commandTimeoutMs: values.MAYFLY_STORE_TIMEOUT_MS,
      persistence: values.MAYFLY_REDIS_PERSISTENCE,
      capacityBytes: values.MAYFLY_STORE_MAX_BYTES,
      unverified: values.MAYFLY_REDIS_UNVERIFIED,
      ...(values.MAYFLY_REDIS_CA !== undefined && { ca: values.MAYFLY_REDIS_CA }),
      ...(values.MAYFLY_REDIS_SENTINEL_PASSWORD !== undefined && {
        sentinelPassword: values.MAYFLY_REDIS_SENTINEL_PASSWORD,
      }),
      ...(values.MAYFLY_REDIS_WAIT_REPLICAS > 0 && {
        replicas: { count: values.MAYFLY_REDIS_WAIT_REPLICAS, withinMs: values.MAYFLY_REDIS_WAIT_MS },
      }),
      history,
    };
  }
  return {
    kind: "sqlite",
    directory: values.DATA_DIR,
    busyTimeoutMs: values.MAYFLY_STORE_TIMEOUT_MS,
    capacityBytes: values.MAYFLY_STORE_MAX_BYTES,
    history,
  };
}

const HOUR_SECONDS = 3600;

function warnings(values: Values): string[] {
  const said: string[] = [];
  if (values.MAYFLY_RATE_LIMITS === "off")
    said.push("MAYFLY_RATE_LIMITS=off: no client is limited. Use it for load tests only.");
  const isPublic = values.PUBLIC_URL !== undefined && !isLoopback(values.PUBLIC_URL.hostname);
  if (isPublic && values.TRUSTED_PROXIES.length === 0)
    said.push(
      "TRUSTED_PROXIES is empty: everybody behind a reverse proxy counts as one client and shares its rate limits. Set it to the addresses that the proxy connects from.",
    );
  if (values.MAYFLY_HEARTBEAT_MAX_AGE_SECONDS < HOUR_SECONDS)
    said.push(
      "MAYFLY_HEARTBEAT_MAX_AGE_SECONDS is below an hour: the service will halt between the hourly sweeps. Set it above 3600.",
    );
  if (values.MAYFLY_ALLOW_HTTP && values.PUBLIC_URL?.protocol === "http:")
    said.push(
      "MAYFLY_ALLOW_HTTP=true: browsers will refuse to protect or open anything at a plain http address.",
    );
  return said;
}
