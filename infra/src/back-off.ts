const FIRST_MS = 1_000;
const MOST_MS = 30_000;
/** After a run of this length the delay starts again from FIRST_MS. */
const WELL_MS = 60_000;

/** Exponential backoff before a restart: one second, doubling up to half a minute. */
export class BackOff {
  #next = FIRST_MS;

  /** Milliseconds to wait after a run of `livedMs`. */
  after(livedMs: number): number {
    if (livedMs >= WELL_MS) this.#next = FIRST_MS;
    const delay = this.#next;
    this.#next = Math.min(MOST_MS, delay * 2);
    return delay;
  }
}
