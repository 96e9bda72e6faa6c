import { createHmac } from "node:crypto";
import rateLimit, { normalizeIP } from "@fastify/rate-limit";
import type { Store } from "@mayfly/store";
import type { LimitClass } from "@mayfly/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "./problem.ts";

const WINDOW_MS = 60_000;

/**
 * Requests per minute and client (an IPv4 address or an IPv6 /64). Wide enough for an office behind one address,
 * narrow enough that guessing and filling stay hopeless. `part` is widest: it wants a claim that holds a read, and being refused in
 * the middle of a download could outlast the lease. `unknown`: addresses that do not exist.
 */
export const requestsPerMinute: Readonly<Record<LimitClass | "unknown", number>> = {
  create: 60,
  deposit: 1200,
  read: 240,
  part: 6000,
  manage: 240,
  service: 600,
  unknown: 120,
};

/**
 * Registers @fastify/rate-limit over the store's own counters. Keys are keyed hashes of class and client, with a key that
 * changes daily: no address is ever written. When the counters cannot be reached the request fails (503), never passes.
 */
export async function limitRequests(app: FastifyInstance, store: Store): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    timeWindow: WINDOW_MS,
    skipOnError: false,
    store: countersIn(store),
    addHeaders: silent,
    addHeadersOnExceeding: silent,
    errorResponseBuilder: (_request, context) =>
      new ProblemError("rate_limited", {}, Math.max(1, Math.ceil(context.ttl / 1000))),
  });
}

/** No X-RateLimit headers: the protocol's own answer is the problem with its Retry-After. */
const silent = {
  "x-ratelimit-limit": false,
  "x-ratelimit-remaining": false,
  "x-ratelimit-reset": false,
  "retry-after": false,
};

/** The route option of one class. */
export function limited(store: Store, limitClass: LimitClass | "unknown") {
  return {
    max: requestsPerMinute[limitClass],
    timeWindow: WINDOW_MS,
    keyGenerator: (request: FastifyRequest) => bucketOf(store, limitClass, request),
  };
}

/** Who asks, for counting one thing: a keyed hash of the address (IPv6: its /64), another one for each thing and each day. */
export async function bucketOf(store: Store, counted: string, request: FastifyRequest): Promise<string> {
  return createHmac("sha256", await store.limiterKey())
    .update(`${counted}|${normalizeIP(request.ip)}`)
    .digest("base64url")
    .slice(0, 22);
}

type CountCallback = (error: Error | null, result?: { current: number; ttl: number }) => void;

/** The store class that @fastify/rate-limit wants, over `Store.count`. */
function countersIn(store: Store) {
  return class Counters {
    incr(bucket: string, callback: CountCallback, windowMs: number = WINDOW_MS): void {
      store.count(bucket, windowMs).then(
        ({ count, resetMs }) => callback(null, { current: count, ttl: resetMs }),
        (error: Error) => callback(error),
      );
    }
    child(): Counters {
      return this;
    }
  };
}
