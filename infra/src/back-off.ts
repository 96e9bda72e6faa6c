const FIRST_MS = 1_000;
const MOST_MS = 30_000;
/** A program that lived this long was well: its next end is a first one again. */
const WELL_MS = 60_000;

/** How long to wait before a program that ended is started again: a second, doubling up to half a minute. */
export class BackOff {
  #next = FIRST_MS;

  /** Milliseconds to wait, after a life of `livedMs`. */
  after(livedMs: number): number {
    if (livedMs >= WELL_MS) this.#next = FIRST_MS;
    const delay = this.#next;
    this.#next = Math.min(MOST_MS, delay * 2);
    return delay;
  }
}
