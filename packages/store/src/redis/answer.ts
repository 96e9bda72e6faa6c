import type { End, Gone, NotFound } from "../contract/secrets.ts";
import { StoreUnavailable } from "../errors.ts";
import { gone, NOT_FOUND } from "../outcomes.ts";

/** A script's answer: the store's time, the outcome as a word, then the outcome's values. Words are bytes. */
export type Answer = readonly unknown[];

export function word(answer: Answer, index: number): string {
  return (answer[index] as Buffer).toString("latin1");
}

/** Lua has no null inside a list: scripts answer −1 instead. */
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

/** The outcomes that most scripts share: the secret does not exist, or it has ended. */
export function notFoundOrGone(answer: Answer): NotFound | Gone {
  switch (word(answer, 1)) {
    case "not_found":
      return NOT_FOUND;
    case "gone":
      return gone(word(answer, 2) as End, count(answer, 3));
    default:
      return unexpected();
  }
}

/** Called for a word that no script of this version answers. */
export function unexpected(): never {
  throw new StoreUnavailable("failed");
}
