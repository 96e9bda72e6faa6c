import type { Answer } from "./transport.ts";

/** Longer than any reservation or lease: a guard against a senseless response. */
const longest = 24 * 3600 * 1000;

/**
 * Milliseconds from the `Date` of `answer` until `time`. Both are by the service's clock, because this
 * machine's clock may be wrong. Returns `usual` if the response has no usable `Date`.
 */
export function timeLeft(answer: Answer, time: string, usual: number): number {
  const left = Date.parse(time) - Date.parse(answer.header("Date") ?? "");
  return Number.isNaN(left) ? usual : Math.min(Math.max(left, 0), longest);
}
