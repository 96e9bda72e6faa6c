/**
 * The store's time as one client knows it: the highest time in any answer. Every script is given it, so that no answer is
 * ever older than one that this client has had, whatever the server's clock does; `now()` persists it for the next client.
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

  /** The store's time by this machine's monotonic clock since the last answer: good enough to name a day. */
  estimate(): number {
    return this.#mark + Math.floor(performance.now() - this.#seenAt);
  }
}
