/**
 * What a process remembers of a store, outside of it: a store that was put back from a copy is younger than that. Times are the
 * store's, in milliseconds.
 */
export interface Mark {
  readonly storeId: string;
  /** The highest age that was seen. */
  readonly age: number;
  /** When the last beats were, the newest last. Empty where no beat can be lost by design. */
  readonly beats: readonly number[];
  /** When the store answered last. */
  readonly answeredAt: number;
}

/** A store that loses its last seconds by design loses no beat that is older than this when it answers last. */
const FORGIVEN_MS = 5_000;

/** More beats than fit into `FORGIVEN_MS`, at one a second and one for each sweep. */
export const REMEMBERED_BEATS = 16;

/** Whether everything of before is there, nothing but the last seconds is missing, or the store was put back. */
export type Verdict = "whole" | "seconds_lost" | "rolled_back";

/** `forgiving`: the store may lose its last seconds by design. */
export function judge(mark: Mark, age: number, forgiving: boolean): Verdict {
  const missing = mark.age - age;
  if (missing <= 0) return "whole";
  const oldest = mark.beats.at(-missing);
  const recent = oldest !== undefined && oldest >= mark.answeredAt - FORGIVEN_MS;
  return forgiving && recent ? "seconds_lost" : "rolled_back";
}

/** A later answer can show that what is missing is old: until it is kept, a copy could be forgiven that must not be. */
export function isSettled(mark: Mark): boolean {
  return (mark.beats.at(-1) ?? 0) < mark.answeredAt - FORGIVEN_MS;
}

/** What both remember together. They are of the same store. */
export function together(one: Mark, other: Mark): Mark {
  const older = one.age >= other.age ? one : other;
  return { ...older, answeredAt: Math.max(one.answeredAt, other.answeredAt) };
}

/** Store ids are part of a file's name. */
const STORE_ID = /^[\w-]{1,64}$/;

export function writtenMark({ storeId, age, beats, answeredAt }: Mark): string {
  return `${JSON.stringify({ store: storeId, age, beats, answered: answeredAt })}\n`;
}

/** null: no process can have written this. */
export function markIn(text: string): Mark | null {
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
