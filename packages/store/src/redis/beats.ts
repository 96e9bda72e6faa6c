import type { Beating, History } from "./history.ts";
import type { StoreClock } from "./store-clock.ts";

/** How far apart the beats of a store are at least, whoever asks for them. */
const BEAT_EVERY_MS = 1_000;

/**
 * Asks for a beat after steps that changed something: at once after a pause, else with the next second. The steps do not wait for it.
 */
export class Beats {
  readonly #history: History;
  readonly #deployment: Beating;
  readonly #clock: StoreClock;
  /** The store's time of the last change that no beat has followed; null: there is none. */
  #since: number | null = null;
  #asking: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(history: History, deployment: Beating, clock: StoreClock) {
    this.#history = history;
    this.#deployment = deployment;
    this.#clock = clock;
  }

  /** Something was changed, and answered. */
  changed(): void {
    this.#since = this.#clock.mark;
    if (this.#timer === null && this.#asking === null)
      this.#askIn(this.#askedAt + BEAT_EVERY_MS - performance.now());
  }

  /** Asks for what is still to be asked. Never throws. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#asking;
    // Another process may have beaten within this second: then its next beat follows this change too.
    if (this.#since !== null) await this.#ask(0);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #askIn(milliseconds: number): void {
    this.#timer = setTimeout(() => void this.#ask(BEAT_EVERY_MS), Math.max(0, milliseconds));
    this.#timer.unref();
  }

  #ask(everyMs: number): Promise<void> {
    this.#timer = null;
    this.#askedAt = performance.now();
    this.#asking = this.#beat(everyMs).finally(() => {
      this.#asking = null;
      if (this.#since !== null && this.#timer === null)
        this.#askIn(this.#askedAt + BEAT_EVERY_MS - performance.now());
    });
    return this.#asking;
  }

  async #beat(everyMs: number): Promise<void> {
    const since = this.#since;
    if (since === null) return;
    try {
      const wait = await this.#history.beat(this.#deployment, since, everyMs);
      if (wait > 0) this.#askIn(wait);
      else if (this.#since === since) this.#since = null;
    } catch {
      // Asked again with the next second: the store may be away, or put back.
    }
  }
}
