/**
 * The store's time as one client knows it: the highest time in any answer. Every script gets it, so no answer
 * is older than an earlier one, even if the server's clock was set back. `now()` persists it for other
 * clients.
 */
export class StoreClock {
  #mark = 0;
  #seenAt = 0;

  get mark(): number {
    return this.#mark;
  }

  see(now: number): void {
    if (now <= this.#mark) return;
    this.#mark = now;
    this.#seenAt = performance.now();
  }

  /** The last answer's time plus the monotonic time since. An estimate: it may run ahead of the server. */
  estimate(): number {
    return this.#mark + Math.floor(performance.now() - this.#seenAt);
  }
}
