/** The maintenance worker, composed. Nobody calls it: its heartbeat in the store is all that others see of it. */
import { type Clock, type Log, systemClock } from "@mayfly/config";
import type { Maintenance } from "@mayfly/store";
import { startSchedule } from "./schedule.ts";
import { type SweepOutcome, sweepOnce } from "./sweep.ts";

export type { SweepFailure, SweepOutcome } from "./sweep.ts";

interface WorkerOptions {
  /** The worker does not close it. */
  readonly store: Maintenance;
  readonly log: Log;
  /** Names this worker in the heartbeat. */
  readonly name: string;
  /** The service halts once the start of the last complete sweep is longer ago. */
  readonly maxAgeMs: number;
  /** Records per atomic step of the store. */
  readonly batch?: number;
  readonly clock?: Clock;
}

export interface Worker {
  /** Sweeps now, at every full hour, again after a failure, and when the store has lost its heartbeat. */
  start(): void;
  /** Aborts a running sweep and waits until it has ended. No other one starts. */
  stop(): Promise<void>;
}

/** SQLite overwrites eight envelopes of a mebibyte in about 50 ms; requests wait no longer than that. */
const BATCH = 8;

/** Composes the worker; opens nothing and does nothing before `start`. */
export function createWorker(options: WorkerOptions): Worker {
  const { store, log, name, maxAgeMs, batch = BATCH, clock = systemClock } = options;
  const abort = new AbortController();
  let sweeping: Promise<unknown> = Promise.resolve();
  let schedule: ReturnType<typeof startSchedule> | null = null;

  const run = () => {
    const began = clock.monotonic();
    const sweep = sweepOnce({ store, batch, maxAgeMs, worker: name, signal: abort.signal }).then(
      (outcome) => {
        say(log, outcome, Math.round(clock.monotonic() - began));
        return outcome.outcome === "complete";
      },
    );
    sweeping = sweep;
    return sweep;
  };

  const lacking = async () => {
    try {
      const { storeId, heartbeat } = await store.heartbeat();
      return heartbeat?.storeId !== storeId;
    } catch {
      // A store that does not answer cannot be swept now.
      return false;
    }
  };

  return {
    start() {
      schedule ??= startSchedule({
        run,
        lacking,
        clock,
        onSkipped: () => log.warn("sweep_skipped", { code: "still_running" }),
      });
    },
    async stop() {
      schedule?.stop();
      abort.abort();
      await sweeping;
    },
  };
}

function say(log: Log, outcome: SweepOutcome, milliseconds: number): void {
  if (outcome.outcome === "complete") {
    log.info("sweep_complete", { sequence: outcome.sequence, count: outcome.removed, milliseconds });
  } else if (outcome.outcome === "aborted") {
    log.info("sweep_aborted", { milliseconds });
  } else if (outcome.notes.length === 0) {
    log.error("sweep_failed", { code: outcome.code, count: outcome.overdue, milliseconds });
  } else {
    for (const note of outcome.notes) log.error("sweep_failed", { code: outcome.code, note, milliseconds });
  }
}
