import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { ProblemError } from "../http/problem.ts";

/** Fixed delay in milliseconds before every `not_found`. It hides how long the lookup took, and so what the store holds. */
export const NOT_FOUND_AFTER_MS = 4;

/** How late a timer may be in an idle event loop. */
const TIMER_LATE_MS = 0.3;

/**
 * Settles at `due` on `performance.now()`, to within a turn of the event loop; at once if that is past. A timer alone would
 * leak: the loop sleeps whole milliseconds from the end of its work, so more work ends later. Hence the last fraction is
 * polled turn by turn, and everything else runs between.
 */
export async function sleepUntil(due: number): Promise<void> {
  const sleep = Math.floor(due - performance.now() - TIMER_LATE_MS);
  if (sleep > 0) await wait(sleep);
  while (performance.now() < due) await turn();
}

/** The same handler, which throws `not_found` always at the same time after its call. */
export function delayNotFound<T extends unknown[], R>(
  handler: (...given: T) => Promise<R>,
  afterMs: number,
): (...given: T) => Promise<R> {
  return async (...given) => {
    const due = performance.now() + afterMs;
    try {
      return await handler(...given);
    } catch (error) {
      if (error instanceof ProblemError && error.code === "not_found") await sleepUntil(due);
      throw error;
    }
  };
}
