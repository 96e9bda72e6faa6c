import { randomBytes } from "node:crypto";

const DAY_MS = 86_400_000;

/** Buckets kept at once; beyond it the oldest windows are forgotten, ended or not. */
const MOST_BUCKETS = 100_000;

/** Rate-limit counters of this process: an embedded store has one API process in front of it, and memory leaves no trace. */
export class Counters {
  readonly #windows = new Map<string, { count: number; readonly endsAt: number }>();
  readonly #clock: () => number;
  #key: Uint8Array = randomBytes(32);
  #keyDay: number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#keyDay = Math.floor(clock() / DAY_MS);
  }

  count(bucket: string, windowMs: number): { count: number; resetMs: number } {
    const now = this.#clock();
    let window = this.#windows.get(bucket);
    // A clock that was set back must not keep a window closed for longer than it is.
    if (!window || window.endsAt <= now || window.endsAt - now > windowMs) {
      this.#windows.delete(bucket);
      this.#prune(now);
      window = { count: 0, endsAt: now + windowMs };
      this.#windows.set(bucket, window);
    }
    window.count += 1;
    return { count: window.count, resetMs: window.endsAt - now };
  }

  /** The day's key; yesterday's is forgotten. */
  key(): Uint8Array {
    const day = Math.floor(this.#clock() / DAY_MS);
    if (day !== this.#keyDay) {
      this.#key = randomBytes(32);
      this.#keyDay = day;
    }
    return this.#key;
  }

  /** Oldest first: a few ended windows for each new one, and any when there are too many. */
  #prune(now: number): void {
    let looked = 0;
    for (const [bucket, { endsAt }] of this.#windows) {
      if (endsAt <= now || this.#windows.size >= MOST_BUCKETS) this.#windows.delete(bucket);
      looked += 1;
      if (looked === 4) return;
    }
  }
}
