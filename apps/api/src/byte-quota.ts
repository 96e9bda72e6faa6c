/** A sender's bytes are counted for so long, from the first of them. */
const WINDOW_MS = 3_600_000;

/** Beyond so many senders the oldest is forgotten: whoever has more addresses is held by the store's capacity alone. */
const MOST_SENDERS = 50_000;

interface Window {
  taken: number;
  readonly endsAt: number;
}

/**
 * How many bytes of envelopes one client may reserve in an hour: an eighth of the store, and the largest envelope where it is no more than half
 * of it. Requests alone do not bound this: a minute's worth of the largest envelopes is more than most stores hold.
 */
export function quotaBytes(capacityBytes: number, envelopeMaxBytes: number): number {
  return Math.floor(Math.max(capacityBytes / 8, Math.min(envelopeMaxBytes, capacityBytes / 2)));
}

/**
 * Bytes per client and hour, in this process's memory: several processes over one store allow as many times as much. Clients
 * are known by keyed hashes, never by address.
 */
export class ByteQuota {
  readonly #most: number;
  readonly #now: () => number;
  /** In the order in which the windows began, and so end. */
  readonly #windows = new Map<string, Window>();

  /** `now`: milliseconds that never go back. */
  constructor(most: number, now: () => number) {
    this.#most = most;
    this.#now = now;
  }

  /** Takes `bytes` of the client's quota: null. When they do not fit, takes nothing: the milliseconds until all of it is there again. */
  take(client: string, bytes: number): number | null {
    const now = this.#now();
    this.#forget(now);
    const window = this.#windows.get(client) ?? { taken: 0, endsAt: now + WINDOW_MS };
    if (window.taken + bytes > this.#most) return window.endsAt - now;
    window.taken += bytes;
    this.#windows.set(client, window);
    return null;
  }

  /** Gives back what was taken for a reservation that was not made. */
  giveBack(client: string, bytes: number): void {
    const window = this.#windows.get(client);
    if (window) window.taken = Math.max(0, window.taken - bytes);
  }

  #forget(now: number): void {
    for (const [client, { endsAt }] of this.#windows) {
      if (endsAt > now && this.#windows.size < MOST_SENDERS) return;
      this.#windows.delete(client);
    }
  }
}
