import rateLimit from "@fastify/rate-limit";
import type { LimitClass } from "@mayfly/wire";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { limitedFor } from "../http/problem.ts";
import type { Quota } from "../limits/clients.ts";
import type { Counts } from "../limits/counts.ts";
import { quotaOf, requestsPerMinute, WINDOW_MS } from "../limits/rates.ts";

/**
 * https://github.com/fastify/fastify-rate-limit: refuses requests beyond a client's quota before their body is read. It counts
 * in `counts`, since its own stores keep addresses, or make each request wait for Redis.
 */
export async function registerRateLimit(app: FastifyInstance, counts: Counts): Promise<void> {
  await app.register(rateLimit, {
    global: false,
    timeWindow: WINDOW_MS,
    store: storeOver(counts),
    addHeaders: silent,
    addHeadersOnExceeding: silent,
    errorResponseBuilder: (_request, context) => limitedFor(context.ttl),
  });
}

/** No X-RateLimit headers: the problem carries `Retry-After`. */
const silent = {
  "x-ratelimit-limit": false,
  "x-ratelimit-remaining": false,
  "x-ratelimit-reset": false,
  "retry-after": false,
};

/** The plugin's option for the routes of one class. `claims`: their body holds a claim, see `refuseBeyondQuota`. */
export function rateLimitOf(limitClass: LimitClass | "unknown", claims = false) {
  return {
    max: requestsPerMinute[limitClass],
    // The plugin hands its key on to the store, unread. The request itself saves making a text for each.
    keyGenerator: (request: FastifyRequest) => request as unknown as string,
    quota: quotaOf(limitClass),
    claims,
  };
}

type CountCallback = (error: Error | null, result?: { current: number; ttl: number }) => void;

/** The store class that the plugin expects, with a child for each class of routes. It answers at once. */
function storeOver(counts: Counts) {
  return class RateStore {
    readonly #quota: Quota;
    readonly #claims: boolean;

    constructor({ quota = quotaOf("unknown"), claims = false }: { quota?: Quota; claims?: boolean }) {
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
