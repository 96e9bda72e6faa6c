import type { Clock, Log } from "@mayfly/config";
import type { FastifyInstance, FastifyRequest } from "fastify";

const SAY_EVERY_MS = 3_600_000;

/** True for a request that came through a proxy which nobody trusts: it comes from nobody knows where. */
export function isForwardedByStranger(request: FastifyRequest): boolean {
  const { headers } = request;
  return (
    (headers["x-forwarded-for"] !== undefined || headers.forwarded !== undefined) &&
    request.address === request.socket.remoteAddress
  );
}

/**
 * Logs how many requests were forwarded by peers that TRUSTED_PROXIES does not name, at most once an hour. Everybody behind such a
 * peer is one client.
 */
export function sayForwarded(app: FastifyInstance, log: Log, clock: Clock): void {
  let count = 0;
  let saidAt = Number.NEGATIVE_INFINITY;
  app.addHook("onRequest", (request, _reply, done) => {
    if (isForwardedByStranger(request)) {
      count += 1;
      if (clock.monotonic() - saidAt >= SAY_EVERY_MS) {
        saidAt = clock.monotonic();
        log.warn("forwarded_by_untrusted", {
          count,
          note: "A proxy outside TRUSTED_PROXIES forwards requests: everybody behind it counts as one client. Add the addresses that it connects from.",
        });
        count = 0;
      }
    }
    done();
  });
}
