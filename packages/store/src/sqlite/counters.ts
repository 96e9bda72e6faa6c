import { randomBytes } from "node:crypto";

const DAY_MS = 86_400_000;

/** Windows of one generation; two are kept, and beyond them the oldest are forgotten, ended or not. */
const MOST_WINDOWS = 50_000;

interface Window {
  count: number;
  readonly endsAt: number;
}

/** Windows that began about the same time, thrown away together when the last of them has ended. */
class Generation {
  readonly windows = new Map<string, Window>();
  endsAt = 0;
}

/** Rate-limit counters of this process: an embedded store has one API process in front of it, and memory leaves no trace. */
export class Counters {
  readonly #clock: () => number;
  #young = new Generation();
  #old = new Generation();
  #key: Uint8Array = randomBytes(32);
  #keyDay: number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#keyDay = Math.floor(clock() / DAY_MS);
  }

  /** Windows in memory. */
  get size(): number {
    return this.#young.windows.size + this.#old.windows.size;
  }

  count(bucket: string, windowMs: number): { count: number; resetMs: number } {
    const now = this.#clock();
    let window = this.#young.windows.get(bucket) ?? this.#old.windows.get(bucket);
    // A clock that was set back must not keep a window closed for longer than it is.
    if (!window || window.endsAt <= now || window.endsAt - now > windowMs) {
      window = this.#begin(bucket, now, windowMs);
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

  #begin(bucket: string, now: number, windowMs: number): Window {
    if (this.#old.endsAt <= now || this.#young.windows.size >= MOST_WINDOWS) {
      this.#old = this.#young;
      this.#young = new Generation();
    }
    const window = { count: 0, endsAt: now + windowMs };
    this.#young.windows.set(bucket, window);
    this.#young.endsAt = Math.max(this.#young.endsAt, window.endsAt);
    return window;
  }
}
