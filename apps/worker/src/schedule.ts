/** When to sweep: at the start, at every full hour in UTC, again soon after a failure, and when the hour was missed. */
import type { Clock } from "@mayfly/config";
import cron from "node-cron";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const RETRY_FIRST_MS = MINUTE_MS;
const RETRY_MOST_MS = 15 * MINUTE_MS;

/** How often the schedule checks whether a sweep is due that node-cron will not start. */
export const LOOK_MS = 5_000;
/** A sweep that started longer ago than this was missed by the hourly one. */
const MISSED_MS = HOUR_MS + MINUTE_MS;

/** Milliseconds to wait after the `failures`th failed sweep in a row (1, 2, …). */
export function retryDelay(failures: number): number {
  return Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** (failures - 1));
}

interface Schedule {
  stop(): void;
}

interface ScheduleOptions {
  /** One sweep; true when it was complete. Must not throw. */
  readonly run: () => Promise<boolean>;
  /** True if the store lost its heartbeat: sweep now instead of at the next hour. Must not throw. */
  readonly lacking: () => Promise<boolean>;
  readonly clock: Clock;
  /** Called when the hour comes while a sweep still runs. */
  readonly onSkipped: () => void;
}

/**
 * Runs a sweep now and whenever one is due, never two at a time.
 *
 * node-cron (https://nodecron.com) keeps the hours. It drops a slot that its timer reaches more than a second late: after a
 * sleep of the machine, a stopped process, or a clock set back. So a check every few seconds starts a sweep when either
 * clock says that the last one began more than an hour ago.
 */
export function startSchedule({ run, lacking, clock, onSkipped }: ScheduleOptions): Schedule {
  let running = false;
  let stopped = false;
  let failures = 0;
  let started = { wall: clock.wall(), monotonic: clock.monotonic() };
  let ended = started.monotonic;

  const begin = async () => {
    if (running) return onSkipped();
    running = true;
    started = { wall: clock.wall(), monotonic: clock.monotonic() };
    const complete = await run();
    failures = complete ? 0 : failures + 1;
    ended = clock.monotonic();
    running = false;
  };
  const due = () => {
    if (failures > 0 && clock.monotonic() - ended >= retryDelay(failures)) return true;
    const wall = clock.wall() - started.wall;
    return wall >= MISSED_MS || clock.monotonic() - started.monotonic >= MISSED_MS;
  };

  const hourly = cron.schedule("0 * * * *", begin, {
    timezone: "UTC",
    noOverlap: true,
    suppressMissedWarning: true,
    // Its messages are free text, which the log does not take. `onSkipped` reports an overlap.
    logger: { info() {}, warn() {}, error() {}, debug() {} },
  });
  hourly.on("execution:overlap", onSkipped);

  const look = async () => {
    if (running) return;
    // After a failure only the retry delay counts.
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
