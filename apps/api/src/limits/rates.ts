import rateLimit from "@fastify/rate-limit";
import type { LimitClass } from "@mayfly/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { limitedFor } from "../problem.ts";
import type { Claims } from "./claims.ts";
import type { Quota } from "./clients.ts";
import type { Counts } from "./counts.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** A request with a claim that came beyond its quota: milliseconds to wait, unless its claim is live. Otherwise 0. */
    beyondQuotaMs: number;
  }
}

const WINDOW_MS = 60_000;

/**
 * Requests per minute and client. Wide enough for an office behind one address, narrow enough that guessing and filling stay
 * hopeless. `unknown`: addresses that do not exist.
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
 * Steps per minute and client beyond `read` and `part`: whoever asks may hold a claim that another process answered. What the store
 * answers makes the claim known here, and then nothing stops it.
 */
export const STEPS_BEYOND = 60;

const beyond: Quota = { kind: "beyond", most: STEPS_BEYOND, windowMs: WINDOW_MS };

function quotaOf(limitClass: LimitClass | "unknown"): Quota {
  return { kind: limitClass, most: requestsPerMinute[limitClass], windowMs: WINDOW_MS };
}

/** Registers @fastify/rate-limit over `counts`. */
export async function limitRates(app: FastifyInstance, counts: Counts): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    timeWindow: WINDOW_MS,
    store: storeOver(counts),
    addHeaders: silent,
    addHeadersOnExceeding: silent,
    errorResponseBuilder: (_request, context) => limitedFor(context.ttl),
  });
}

/** No X-RateLimit headers: the protocol's own answer is the problem with its Retry-After. */
const silent = {
  "x-ratelimit-limit": false,
  "x-ratelimit-remaining": false,
  "x-ratelimit-reset": false,
  "retry-after": false,
};

/** The plugin's option for the routes of one class. `claims`: their body holds a claim, see `refuseBeyondQuota`. */
export function rateOf(limitClass: LimitClass | "unknown", claims = false) {
  return {
    max: requestsPerMinute[limitClass],
    // The plugin only hands its key on to the store. The request says all: no text is made of it.
    keyGenerator: (request: FastifyRequest) => request as unknown as string,
    quota: quotaOf(limitClass),
    claims,
  };
}

/**
 * A hook for routes whose body holds a claim: a request beyond the quota was let through until its claim is known. No limit stops one
 * that is live, and what it does is not counted.
 */
export function refuseBeyondQuota(limitClass: LimitClass, counts: Counts, claims: Claims) {
  const quota = quotaOf(limitClass);
  return (request: FastifyRequest, _reply: unknown, done: () => void): void => {
    const { params, body, client, beyondQuotaMs } = request;
    const { id } = params as { id: string };
    const { claim } = (body ?? {}) as { claim?: unknown };
    if (typeof claim === "string" && claims.isLive(id, claim)) {
      if (beyondQuotaMs === 0) counts.give(client, quota);
    } else if (beyondQuotaMs > 0) {
      request.beyondQuotaMs = counts.take(client, beyond);
      if (request.beyondQuotaMs > 0) throw limitedFor(request.beyondQuotaMs);
    }
    request.beyondQuotaMs = 0;
    done();
  };
}

type CountCallback = (error: Error | null, result?: { current: number; ttl: number }) => void;

/** The store class that the plugin wants, with a child for each class of routes. It answers at once. */
function storeOver(counts: Counts) {
  return class RateStore {
    readonly #quota: Quota;
    readonly #claims: boolean;

    constructor({ quota = beyond, claims = false }: { quota?: Quota; claims?: boolean }) {
      this.#quota = quota;
      this.#claims = claims;
    }

    incr(key: string, callback: CountCallback, _windowMs: number, most: number): void {
      const request = key as unknown as FastifyRequest;
      const waitMs = counts.take(request.client, this.#quota);
      if (this.#claims) request.beyondQuotaMs = waitMs;
      const passes = waitMs === 0 || this.#claims;
      callback(null, passes ? { current: 1, ttl: 0 } : { current: most + 1, ttl: waitMs });
    }

    child(options: object): RateStore {
      return new RateStore(options);
    }
  };
}
