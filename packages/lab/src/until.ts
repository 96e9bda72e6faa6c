import { setTimeout as wait } from "node:timers/promises";

const LOOK_MS = 25;

/** Thrown by `what` to end the wait at once: the condition can no longer be met. */
export class Hopeless extends Error {}

/**
 * Calls `what` until it returns something other than null, undefined or false, and returns that. An error counts as not yet.
 * After `withinMs` throws an error with `words`, whose cause is the last error of `what`.
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
