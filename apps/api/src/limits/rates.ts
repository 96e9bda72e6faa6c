import type { LimitClass } from "@mayfly/wire";
import type { FastifyRequest } from "fastify";
import { limitedFor } from "../http/problem.ts";
import type { Claims } from "./claims.ts";
import type { Quota } from "./clients.ts";
import type { Counts } from "./counts.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Milliseconds to wait, of a request beyond its quota whose claim is not known yet. 0: within the quota. */
    beyondQuotaMs: number;
  }
}

export const WINDOW_MS = 60_000;

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
 * Requests per minute and client beyond `read` and `part`. The client may hold a claim that another process answered. The
 * store's answer makes the claim known to this process, and from then on no limit stops it.
 */
const beyond: Quota = { kind: "beyond", most: 60, windowMs: WINDOW_MS };

/** How many requests of a class one client may send in a minute. */
export function quotaOf(limitClass: LimitClass | "unknown"): Quota {
  return { kind: limitClass, most: requestsPerMinute[limitClass], windowMs: WINDOW_MS };
}

/**
 * A hook for routes whose body holds a claim. A request beyond the quota comes this far, because its claim is known only now.
 * No limit stops a live claim, and its requests are not counted.
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
