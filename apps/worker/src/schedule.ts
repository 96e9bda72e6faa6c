/** When to sweep: at the start, at every full hour in UTC, again soon after a failure, and when the hour was missed. */
import cron from "node-cron";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const RETRY_FIRST_MS = MINUTE_MS;
const RETRY_MOST_MS = 15 * MINUTE_MS;

/** How often the schedule looks whether a sweep is due that no timer of node-cron's will bring. */
export const LOOK_MS = 5_000;
/** An hour and a little: a sweep that started longer ago was missed by the hourly one. */
export const MISSED_MS = HOUR_MS + MINUTE_MS;

export interface Clocks {
  /** Milliseconds since the epoch. */
  readonly wall: () => number;
  /** Milliseconds from any origin, never set back; stands still while a machine sleeps. */
  readonly monotonic: () => number;
}

/** How long to wait after the `failures`th failed sweep in a row (1, 2, …), in milliseconds: a minute, doubling up to a quarter of an hour. */
export function retryDelay(failures: number): number {
  return Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** (failures - 1));
}

export interface Schedule {
  stop(): void;
}

export interface ScheduleOptions {
  /** One sweep; true when it was complete. Must not throw. */
  readonly run: () => Promise<boolean>;
  /** True when the store has no heartbeat of its own, as after it was lost or exchanged: waiting for the hour would only keep it halted. Must not throw. */
  readonly lacking: () => Promise<boolean>;
  readonly clocks: Clocks;
  /** The hour came while a sweep was still running. */
  readonly onSkipped: () => void;
}

/**
 * Runs a sweep now and whenever one is due; never while one runs.
 *
 * node-cron keeps the hours, but drops a slot that its timer reaches more than a second late, and its timer follows the
 * monotonic clock while its slots follow the wall clock: a machine that slept, a stopped process or a clock set back would
 * leave hours without a sweep. So a look every few seconds starts one when either clock says that the last began more
 * than an hour ago.
 */
export function startSchedule({ run, lacking, clocks, onSkipped }: ScheduleOptions): Schedule {
  let running = false;
  let stopped = false;
  let failures = 0;
  let started = { wall: clocks.wall(), monotonic: clocks.monotonic() };
  let ended = started.monotonic;

  const begin = async () => {
    if (running) return onSkipped();
    running = true;
    started = { wall: clocks.wall(), monotonic: clocks.monotonic() };
    const complete = await run();
    failures = complete ? 0 : failures + 1;
    ended = clocks.monotonic();
    running = false;
  };
  const due = () => {
    if (failures > 0 && clocks.monotonic() - ended >= retryDelay(failures)) return true;
    const wall = clocks.wall() - started.wall;
    return wall >= MISSED_MS || clocks.monotonic() - started.monotonic >= MISSED_MS;
  };

  const hourly = cron.schedule("0 * * * *", begin, {
    timezone: "UTC",
    noOverlap: true,
    suppressMissedWarning: true,
    // Its messages are not in the closed set that the log takes; an overlap is told below.
    logger: { info() {}, warn() {}, error() {}, debug() {} },
  });
  hourly.on("execution:overlap", onSkipped);

  const look = async () => {
    if (running) return;
    // After a failure its retry is waited for, whatever is lacking.
    const wanted = due() || (failures === 0 && (await lacking()));
    if (wanted && !running && !stopped) await begin();
  };
  const looking = setInterval(() => void look(), LOOK_MS);
  void begin();

  return {
    stop() {
      stopped = true;
      clearInterval(looking);
      void hourly.destroy();
    },
  };
}
