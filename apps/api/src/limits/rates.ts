import rateLimit from "@fastify/rate-limit";
import type { LimitClass } from "@mayfly/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ProblemError } from "../problem.ts";
import type { Claims } from "./claims.ts";
import { type Client, clientOfRequest } from "./client.ts";
import type { Counts } from "./counts.ts";

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

export function limitedFor(waitMs: number): ProblemError {
  return new ProblemError("rate_limited", {}, Math.max(1, Math.ceil(waitMs / 1000)));
}

/** No X-RateLimit headers: the protocol's own answer is the problem with its Retry-After. */
const silent = {
  "x-ratelimit-limit": false,
  "x-ratelimit-remaining": false,
  "x-ratelimit-reset": false,
  "retry-after": false,
};

/** The plugin's option for the routes of one class. */
export function rateOf(limitClass: LimitClass | "unknown") {
  return {
    max: requestsPerMinute[limitClass],
    timeWindow: WINDOW_MS,
    keyGenerator: (request: FastifyRequest) => keyOf(limitClass, clientOfRequest(request)),
  };
}

/** The same for the routes whose body holds a claim: no limit stops one that is live. */
export function rateOfClaims(limitClass: LimitClass, claims: Claims) {
  return {
    ...rateOf(limitClass),
    // The body is there, and not looked at yet.
    hook: "preValidation" as const,
    allowList: ({ params, body }: FastifyRequest) => {
      const { id } = params as { id: string };
      const { claim } = (body ?? {}) as { claim?: unknown };
      return typeof claim === "string" && claims.isLive(id, claim);
    },
  };
}

/** The plugin's key is one text: the class, then the client's names. None of them has a blank. */
function keyOf(limitClass: string, client: Client): string {
  return client.length === 1 ? `${limitClass} ${client[0]}` : `${limitClass} ${client.join(" ")}`;
}

type CountCallback = (error: Error | null, result?: { current: number; ttl: number }) => void;

/** The store class that the plugin wants. It answers at once, and says "one too many" when any name of the client is at its limit. */
function storeOver(counts: Counts) {
  return class RateStore {
    incr(key: string, callback: CountCallback, windowMs: number, most: number): void {
      const [limitClass = "", ...client] = key.split(" ");
      let waitMs = counts.take(limitClass, client, windowMs, 1, most);
      if (waitMs > 0 && (limitClass === "read" || limitClass === "part"))
        waitMs = counts.take("beyond", client, windowMs, 1, STEPS_BEYOND);
      callback(null, waitMs === 0 ? { current: 1, ttl: 0 } : { current: most + 1, ttl: waitMs });
    }
    child(): RateStore {
      return this;
    }
  };
}
