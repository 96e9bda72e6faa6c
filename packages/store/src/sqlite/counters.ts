import { randomBytes } from "node:crypto";
import type { SpendAnswer } from "../contract.ts";

const DAY_MS = 86_400_000;

/** Windows of one generation; two are kept, and beyond them the oldest are forgotten, ended or not. */
const MOST_WINDOWS = 50_000;

interface Window {
  amount: number;
  readonly endsAt: number;
}

/** Windows that began about the same time, thrown away together when the last of them has ended. */
class Generation {
  readonly windows = new Map<string, Window>();
  endsAt = 0;
}

/** Windows of about one length. */
class Windows {
  #young = new Generation();
  #old = new Generation();

  get size(): number {
    return this.#young.windows.size + this.#old.windows.size;
  }

  /** The window that runs; undefined: none does. */
  running(bucket: string, now: number, windowMs: number): Window | undefined {
    const window = this.#young.windows.get(bucket) ?? this.#old.windows.get(bucket);
    // A clock that was set back must not keep a window closed for longer than it is.
    return window && window.endsAt > now && window.endsAt - now <= windowMs ? window : undefined;
  }

  begin(bucket: string, now: number, windowMs: number): Window {
    if (this.#old.endsAt <= now || this.#young.windows.size >= MOST_WINDOWS) {
      this.#old = this.#young;
      this.#young = new Generation();
    }
    const window = { amount: 0, endsAt: now + windowMs };
    this.#young.windows.set(bucket, window);
    this.#young.endsAt = Math.max(this.#young.endsAt, window.endsAt);
    return window;
  }
}

/**
 * Rate-limit counters of this process: an embedded store has one API process in front of it as a rule, memory leaves no trace, and a
 * counter costs no wait for the disk. Two processes over one file allow twice as much; the file's capacity is exact for both.
 */
export class Counters {
  readonly #clock: () => number;
  readonly #events = new Windows();
  /** Apart: these windows are long, and would keep the short ones. */
  readonly #spendings = new Windows();
  #key: Uint8Array = randomBytes(32);
  #keyDay: number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#keyDay = Math.floor(clock() / DAY_MS);
  }

  /** Windows in memory. */
  get size(): number {
    return this.#events.size + this.#spendings.size;
  }

  count(bucket: string, windowMs: number): { count: number; resetMs: number } {
    const now = this.#clock();
    const window = this.#events.running(bucket, now, windowMs) ?? this.#events.begin(bucket, now, windowMs);
    window.amount += 1;
    return { count: window.amount, resetMs: window.endsAt - now };
  }

  spend(bucket: string, windowMs: number, amount: number, most: number): SpendAnswer {
    const now = this.#clock();
    const running = this.#spendings.running(bucket, now, windowMs);
    if (amount > 0 && (running?.amount ?? 0) + amount > most)
      return { outcome: "exceeded", resetMs: running === undefined ? windowMs : running.endsAt - now };
    if (running === undefined && amount <= 0) return { outcome: "spent" };
    const window = running ?? this.#spendings.begin(bucket, now, windowMs);
    window.amount = Math.max(0, window.amount + amount);
    return { outcome: "spent" };
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
}
