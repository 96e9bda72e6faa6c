import type { BeatTarget, History } from "./history.ts";
import { slotOf } from "./slot-map.ts";
import type { StoreClock } from "./store-clock.ts";

/** The least interval between two beats of an age, whichever process asks. */
const BEAT_EVERY_MS = 1_000;

/** Asks for a beat of every age that a change concerns. */
export class Beats {
  readonly #history: History;
  readonly #deployment: BeatTarget;
  readonly #clock: StoreClock;
  readonly #of = new Map<string, AgeBeats>();

  constructor(history: History, deployment: BeatTarget, clock: StoreClock) {
    this.#history = history;
    this.#deployment = deployment;
    this.#clock = clock;
  }

  /** Call this after a change was answered. `key`: where the change was; null: on every server. */
  changed(key: string | null): void {
    for (const name of this.#history.agesOf(key === null ? null : slotOf(key))) {
      let beats = this.#of.get(name);
      if (beats === undefined) {
        const ask = (since: number, everyMs: number) =>
          this.#history.beat(this.#deployment, name, since, everyMs);
        beats = new AgeBeats(ask, this.#clock);
        this.#of.set(name, beats);
      }
      beats.changed();
    }
  }

  /** Asks for the beats that are still due. Never throws. */
  async close(): Promise<void> {
    await Promise.all([...this.#of.values()].map((beats) => beats.close()));
  }
}

/** Returns the milliseconds until the next try, 0 if none is needed. */
type AskForBeat = (since: number, everyMs: number) => Promise<number>;

/**
 * Asks for a beat after a change: at once after a pause, else with the next second. Steps do not wait for it.
 */
class AgeBeats {
  readonly #askForBeat: AskForBeat;
  readonly #clock: StoreClock;
  /** The store's time of the last change that no beat has followed; null: none. */
  #since: number | null = null;
  #asking: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(askForBeat: AskForBeat, clock: StoreClock) {
    this.#askForBeat = askForBeat;
    this.#clock = clock;
  }

  /** Call this after a change was answered. */
  changed(): void {
    this.#since = this.#clock.mark;
    if (this.#timer === null && this.#asking === null)
      this.#askIn(this.#askedAt + BEAT_EVERY_MS - performance.now());
  }

  /** Asks for the beat that is still due. Never throws. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#asking;
    // Another process may have beaten within this second. Its next beat then follows this change too.
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
      const wait = await this.#askForBeat(since, everyMs);
      if (wait > 0) this.#askIn(wait);
      else if (this.#since === since) this.#since = null;
    } catch {
      // The next second tries again: the store may be unreachable, or put back.
    }
  }
}
