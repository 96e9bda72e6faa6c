import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";

/**
 * Milliseconds from when a request is complete until it is answered that there is nothing. A store that is near has long found out by
 * then whether it holds the id; how long that took, which differs, is not seen.
 */
export const NOTHING_AFTER_MS = 4;

/** A timer may be so much late in a loop that has nothing else to do. */
const TIMER_LATE_MS = 0.3;

/**
 * Settles at this moment of `performance.now()`, to within a turn of the event loop; at once when it is over. A timer alone would tell:
 * the loop sleeps whole milliseconds from the end of its work, so that a little more work ends a little later. Hence the last
 * fraction is waited for turn by turn, which lets everything else run.
 */
export async function moment(due: number): Promise<void> {
  const sleep = Math.floor(due - performance.now() - TIMER_LATE_MS);
  if (sleep > 0) await wait(sleep);
  while (performance.now() < due) await turn();
}
