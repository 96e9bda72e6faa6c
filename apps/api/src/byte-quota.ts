import type { Store } from "@mayfly/store";
import { ProblemError } from "./problem.ts";

/** A sender's bytes are counted for so long, from the first of them. */
const WINDOW_MS = 3_600_000;

/**
 * How many bytes of envelopes one client may reserve in an hour: an eighth of the store, and the largest envelope where it is no more than half
 * of it. Requests alone do not bound this: a minute's worth of the largest envelopes is more than most stores hold.
 */
export function quotaBytes(capacityBytes: number, envelopeMaxBytes: number): number {
  return Math.floor(Math.max(capacityBytes / 8, Math.min(envelopeMaxBytes, capacityBytes / 2)));
}

/**
 * Takes `bytes` of the `most` that a client, known by a keyed hash, has in an hour; `quota_exceeded` when they do not fit, `unavailable` when
 * the store does not answer. The answer gives them back, for a reservation that was not made; while the store is away they stay
 * taken.
 */
export async function takeBytes(
  store: Store,
  client: string,
  bytes: number,
  most: number,
): Promise<() => void> {
  const answer = await store.spend(client, WINDOW_MS, bytes, most);
  if (answer.outcome === "exceeded")
    throw new ProblemError("quota_exceeded", {}, Math.max(1, Math.ceil(answer.resetMs / 1000)));
  return () => void store.spend(client, WINDOW_MS, -bytes, most).catch(() => undefined);
}
