import type { End, Gone, NotFound } from "../contract.ts";
import { StoreUnavailable } from "../errors.ts";

/** A script's answer: the store's time, the outcome as a word, then what belongs to that outcome. Words are bytes. */
export type Answer = readonly unknown[];

export const NOT_FOUND: NotFound = { outcome: "not_found" };

export function word(answer: Answer, index: number): string {
  return (answer[index] as Buffer).toString("latin1");
}

/** Lua has no null inside a list: scripts answer −1 for it. */
export function count(answer: Answer, index: number): number {
  return answer[index] as number;
}

export function countOrNull(answer: Answer, index: number): number | null {
  const value = count(answer, index);
  return value < 0 ? null : value;
}

export function bytes(answer: Answer, index: number): Uint8Array {
  const value = answer[index] as Buffer;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

export function gone(answer: Answer): Gone {
  return { outcome: "gone", state: word(answer, 2) as End, endedAt: count(answer, 3) };
}

/** A word that no script of this version says. */
export function unexpected(): never {
  throw new StoreUnavailable("failed");
}
