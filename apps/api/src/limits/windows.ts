/** Windows of one generation; two are kept, and beyond them the oldest are forgotten, ended or not. */
const MOST_WINDOWS = 50_000;

export interface Window {
  total: number;
  endsAt: number;
}

/** Windows that began about the same time, thrown away together when the last of them has ended. */
class Generation {
  readonly windows = new Map<string, Window>();
  endsAt = 0;
}

/** Totals of one window length, by bucket. Bounded. Times on a clock that never goes back. */
export class Windows {
  readonly #lengthMs: number;
  #young = new Generation();
  #old = new Generation();

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  get size(): number {
    return this.#young.windows.size + this.#old.windows.size;
  }

  /** The window that runs; undefined: none does. */
  running(bucket: string, now: number): Window | undefined {
    const window = this.#young.windows.get(bucket) ?? this.#old.windows.get(bucket);
    return window !== undefined && window.endsAt > now ? window : undefined;
  }

  begin(bucket: string, now: number): Window {
    if (this.#old.endsAt <= now || this.#young.windows.size >= MOST_WINDOWS) {
      this.#old = this.#young;
      this.#young = new Generation();
    }
    const window = { total: 0, endsAt: now + this.#lengthMs };
    this.#young.windows.set(bucket, window);
    this.#young.endsAt = window.endsAt;
    return window;
  }
}
