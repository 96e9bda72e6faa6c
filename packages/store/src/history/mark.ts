/**
 * What a process remembers of a store, outside the store. A store that was put back from a copy is younger
 * than its mark. Times are the store's, in milliseconds.
 */
export interface Mark {
  readonly storeId: string;
  /** The highest age seen. */
  readonly age: number;
  /** When the last beats were, the newest last. Empty if the store loses no beat by design. */
  readonly beats: readonly number[];
  /** When the store last answered. */
  readonly answeredAt: number;
}

/** A store that may lose its last seconds loses no beat that is older than this at its last answer. */
const LOSABLE_MS = 5_000;

/** More beats than fit into `LOSABLE_MS`, at one a second and one for each sweep. */
export const REMEMBERED_BEATS = 16;

/**
 * `whole`: nothing is missing. `seconds_lost`: only the last seconds are missing. `rolled_back`: the store
 * was put back.
 */
export type Verdict = "whole" | "seconds_lost" | "rolled_back";

/** Compares an age with the mark. `mayLoseSeconds`: the store may lose its last seconds by design. */
export function judge(mark: Mark, age: number, mayLoseSeconds: boolean): Verdict {
  const missing = mark.age - age;
  if (missing <= 0) return "whole";
  const oldest = mark.beats.at(-missing);
  const recent = oldest !== undefined && oldest >= mark.answeredAt - LOSABLE_MS;
  return mayLoseSeconds && recent ? "seconds_lost" : "rolled_back";
}

/**
 * False while a missing beat could still be forgiven. Write the mark again once settled: a later answer shows
 * that the beat is old.
 */
export function isSettled(mark: Mark): boolean {
  return (mark.beats.at(-1) ?? 0) < mark.answeredAt - LOSABLE_MS;
}

/** Merges two marks of the same store. */
export function mergeMarks(one: Mark, other: Mark): Mark {
  const older = one.age >= other.age ? one : other;
  return { ...older, answeredAt: Math.max(one.answeredAt, other.answeredAt) };
}

/** Store ids are part of a file's name. */
const STORE_ID = /^[\w-]{1,64}$/;

export function formatMark({ storeId, age, beats, answeredAt }: Mark): string {
  return `${JSON.stringify({ store: storeId, age, beats, answered: answeredAt })}\n`;
}

/** null: no process can have written this. */
export function parseMark(text: string): Mark | null {
  try {
    const { store, age, beats, answered } = JSON.parse(text) as Record<string, unknown>;
    if (typeof store !== "string" || !STORE_ID.test(store)) return null;
    if (!isCount(age) || !isCount(answered) || !Array.isArray(beats) || !beats.every(isCount)) return null;
    return { storeId: store, age, beats, answeredAt: answered };
  } catch {
    return null;
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
