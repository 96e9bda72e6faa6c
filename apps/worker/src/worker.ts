/** The maintenance worker, composed: it is seen through its heartbeat only, and nobody calls it. */
import type { Log } from "@mayfly/config";
import type { Store } from "@mayfly/store";
import { type Clocks, startSchedule } from "./schedule.ts";
import { type SweepOutcome, sweepOnce } from "./sweep.ts";

export type { Clocks } from "./schedule.ts";
export type { SweepFailure, SweepOutcome } from "./sweep.ts";

export interface WorkerOptions {
  /** Stays the caller's: the worker does not close it. */
  readonly store: Store;
  readonly log: Log;
  /** Names this worker in the heartbeat. */
  readonly name: string;
  /** The service halts when the last complete sweep began longer ago. */
  readonly maxAgeMs: number;
  /** Records looked at in one atomic step of the store. */
  readonly batch?: number;
  readonly clocks?: Clocks;
}

export interface Worker {
  /** Sweeps at once, then at every full hour, again soon after a failure, and when the store has lost its heartbeat. */
  start(): void;
  /** Aborts a running sweep and waits until it has let go of the store. Nothing sweeps afterwards. */
  stop(): Promise<void>;
}

/** SQLite overwrites eight envelopes of a mebibyte in about 50 ms, and keeps everyone else waiting for no longer. */
const BATCH = 8;

const machineClocks: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() };

/** Composes the worker; opens nothing and does nothing before `start`. */
export function createWorker(options: WorkerOptions): Worker {
  const { store, log, name, maxAgeMs, batch = BATCH, clocks = machineClocks } = options;
  const abort = new AbortController();
  let sweeping: Promise<unknown> = Promise.resolve();
  let schedule: ReturnType<typeof startSchedule> | null = null;

  const run = () => {
    const began = clocks.monotonic();
    const sweep = sweepOnce({ store, batch, maxAgeMs, worker: name, signal: abort.signal }).then(
      (outcome) => {
        say(log, outcome, Math.round(clocks.monotonic() - began));
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
      // A store that does not answer cannot be swept either.
      return false;
    }
  };

  return {
    start() {
      schedule ??= startSchedule({
        run,
        lacking,
        clocks,
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
