import type { Clock } from "@mayfly/config";
import { CLOCK_BEHIND_MS, type HeartbeatView, StoreUnavailable, type Watch } from "@mayfly/store";

/** Why the service is halted. */
export type HaltReason =
  | "starting"
  | "unreadable"
  | "missing"
  | "foreign"
  | "future"
  | "clock"
  | "stale"
  | "regressed"
  | "rolled_back";

export interface Maintenance {
  readonly lastSweepAt: number | null;
  readonly nextSweepBy: number | null;
}

/** How far ahead of the store's own time a sweep's end may lie before the record is not believed. */
const FUTURE_TOLERANCE_MS = 5 * 60_000;

/** A look is believed for so long; a process that could not look again is halted. */
const LOOK_VALID_MS = 5000;

/**
 * Watches the worker's heartbeat and says whether the service may do its work.
 *
 * Open only while the last complete sweep began at most `maxAgeMs` ago by the store's time, and until the moment, by this
 * process's monotonic *and* wall clock, at which the sequence it last saw rise grows too old: a machine that slept and a clock
 * that was set end in the halt. So does a store whose clock is behind its own high-water mark: its time stands still, and
 * nothing would expire. At the first look the deadline comes from the
 * heartbeat's own age, so a restart grants nothing. After a sequence that went back, or another store's record,
 * only a sweep that is seen to complete opens the service again. A store that was put back from a copy (`rolled_back`) is opened by no sweep.
 */
export class Guard {
  readonly #store: Pick<Watch, "heartbeat">;
  readonly #clock: Clock;
  readonly #maxAgeMs: number;

  #seen: { storeId: string; sequence: number } | null = null;
  #deadline = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };
  #lookedAt = Number.NEGATIVE_INFINITY;
  #fault: HaltReason | null = "starting";
  #maintenance: Maintenance = { lastSweepAt: null, nextSweepBy: null };
  #reported: { halted: boolean; since: number; monotonic: number };
  /** Called when a halt has ended, with its length in milliseconds as far as this process has noticed. */
  whenOpened: (haltedMs: number) => void = () => {};

  constructor(options: { store: Pick<Watch, "heartbeat">; clock: Clock; maxAgeMs: number }) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#maxAgeMs = options.maxAgeMs;
    this.#reported = { halted: true, since: options.clock.wall(), monotonic: options.clock.monotonic() };
  }

  /** Reads the heartbeat once. To be called at least every second. Never throws. */
  async look(): Promise<void> {
    try {
      this.#fault = this.#judge(await this.#store.heartbeat());
    } catch (error) {
      const rolledBack = error instanceof StoreUnavailable && error.reason === "rolled_back";
      this.#fault = rolledBack ? "rolled_back" : "unreadable";
    }
    this.#lookedAt = this.#clock.monotonic();
    this.state();
  }

  /** null while the service may work; otherwise why not. Cheap: asked at every request. */
  get halted(): HaltReason | null {
    if (this.#fault !== null) return this.#fault;
    const now = this.#clock.monotonic();
    if (now - this.#lookedAt > LOOK_VALID_MS) return "unreadable";
    if (now > this.#deadline.monotonic || this.#clock.wall() > this.#deadline.wall) return "stale";
    return null;
  }

  /** The state with the wall time since which it holds, as far as this process has noticed. */
  state(): { readonly halted: HaltReason | null; readonly since: number } {
    const halted = this.halted;
    if ((halted !== null) !== this.#reported.halted) {
      const monotonic = this.#clock.monotonic();
      if (halted === null) this.whenOpened(monotonic - this.#reported.monotonic);
      this.#reported = { halted: halted !== null, since: this.#clock.wall(), monotonic };
    }
    return { halted, since: this.#reported.since };
  }

  get maintenance(): Maintenance {
    return this.#maintenance;
  }

  #judge({ storeId, now, clockBehindMs, heartbeat }: HeartbeatView): HaltReason | null {
    if (heartbeat === null) {
      this.#forget(storeId, 0);
      return "missing";
    }
    const { sequence, startedAt, finishedAt } = heartbeat;
    this.#maintenance = { lastSweepAt: startedAt, nextSweepBy: startedAt + this.#maxAgeMs };
    if (heartbeat.storeId !== storeId) {
      this.#forget(storeId, sequence);
      return "foreign";
    }
    const first = this.#seen === null;
    const sameStore = this.#seen?.storeId === storeId;
    if (!first && (!sameStore || sequence < (this.#seen?.sequence ?? 0))) {
      this.#forget(storeId, sequence);
      return sameStore ? "regressed" : "foreign";
    }
    const age = now - startedAt;
    if (age < 0 || finishedAt - now > FUTURE_TOLERANCE_MS) return "future";
    if (first || sequence > (this.#seen?.sequence ?? 0)) {
      const left = this.#maxAgeMs - age;
      this.#deadline = { monotonic: this.#clock.monotonic() + left, wall: this.#clock.wall() + left };
      this.#seen = { storeId, sequence };
    }
    if (age > this.#maxAgeMs) return "stale";
    return clockBehindMs > CLOCK_BEHIND_MS ? "clock" : null;
  }

  /** From here only a rise above `sequence` counts. */
  #forget(storeId: string, sequence: number): void {
    this.#seen = { storeId, sequence };
    this.#deadline = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };
    if (sequence === 0) this.#maintenance = { lastSweepAt: null, nextSweepBy: null };
  }
}
