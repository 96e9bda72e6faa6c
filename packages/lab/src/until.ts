import { setTimeout as wait } from "node:timers/promises";

const LOOK_MS = 25;

/** Thrown by a look that knows that waiting is in vain. */
export class Hopeless extends Error {}

/**
 * Looks until `what` gives something other than null, undefined or false, and answers it. A look that throws counts as not yet.
 * Throws with `words`, and what the last look threw, after `withinMs`.
 */
export async function until<T>(
  words: string | (() => string),
  what: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  const end = performance.now() + withinMs;
  let last: unknown;
  do {
    try {
      const value = await what();
      if (value !== null && value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = error;
    }
    await wait(LOOK_MS);
  } while (performance.now() < end);
  const why = typeof words === "string" ? words : words();
  throw new Error(`waited ${withinMs} ms in vain for: ${why}`, last === undefined ? {} : { cause: last });
}
