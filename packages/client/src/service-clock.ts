import type { Answer } from "./transport.ts";

/** Longer than any reservation or lease: a guard against an answer that makes no sense. */
const longest = 24 * 3600 * 1000;

/**
 * Milliseconds until `time`, a time of the service's that came with `answer`. Both are told by the service's clock, since
 * this machine's may be wrong. `usual` where the answer has no usable `Date`.
 */
export function timeLeft(answer: Answer, time: string, usual: number): number {
  const left = Date.parse(time) - Date.parse(answer.header("Date") ?? "");
  return Number.isNaN(left) ? usual : Math.min(Math.max(left, 0), longest);
}
