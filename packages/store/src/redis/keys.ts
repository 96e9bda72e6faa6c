import type { Id } from "../contract/secrets.ts";
import { slotOf } from "./slot-map.ts";

/**
 * Every key of this store. The braces are Redis Cluster's hash tag: all keys of one secret live on one node, and no script
 * touches keys of two tags.
 *
 * | key                                  | type   | what                                        | expires                                             |
 * | ------------------------------------ | ------ | ------------------------------------------- | --------------------------------------------------- |
 * | `mayfly:{ID}`                        | hash   | the record (fields: record.ts)              | a day after the deposit deadline; end of tombstone  |
 * | `mayfly:{ID}:part:N`                 | string | one part                                    | a day after the deposit deadline; secret's expiry   |
 * | `mayfly:{maintenance}:store`         | string | store id, and the server run or epoch       | never                                               |
 * | `mayfly:{maintenance}:age`           | hash   | the store's age, see history.ts             | never                                               |
 * | `mayfly:{maintenance-N}:age`         | hash   | a cluster's other primaries' ages           | never                                               |
 * | `mayfly:{maintenance}:mark`          | string | the highest time that was ever given out    | never                                               |
 * | `mayfly:{maintenance}:heartbeat`     | hash   | the last complete sweep                     | never                                               |
 * | `mayfly:{maintenance}:failures`      | string | failed sweeps since then                    | never                                               |
 * | `mayfly:{maintenance}:erased`        | string | seconds that destroyed bytes stay in files  | two hours after the sweep that found it             |
 * | `mayfly:{rate:GROUP}:BUCKET`        | string | events, or bytes, in a window               | end of the window                                   |
 */
const PREFIX = "mayfly:";

/** Matches every key above, and no other program's. */
export const EVERY_KEY = `${PREFIX}*`;

export function recordKey(id: Id): string {
  return `${PREFIX}{${id}}`;
}

export function partKey(id: Id, part: number): string {
  return `${PREFIX}{${id}}:part:${part}`;
}

export const STORE_KEY = `${PREFIX}{maintenance}:store`;
export const AGE_KEY = `${PREFIX}{maintenance}:age`;
export const MARK_KEY = `${PREFIX}{maintenance}:mark`;
export const HEARTBEAT_KEY = `${PREFIX}{maintenance}:heartbeat`;
export const FAILURES_KEY = `${PREFIX}{maintenance}:failures`;
export const ERASED_KEY = `${PREFIX}{maintenance}:erased`;

/** The key of a cluster primary's age. */
export function primaryAgeKey(tag: string): string {
  return `${PREFIX}{${tag}}:age`;
}

/** The hash tag of an age in this slot; always the same for a slot. */
export function primaryTag(slot: number): string {
  for (let n = 0; ; n++) if (slotOf(`maintenance-${n}`) === slot) return `maintenance-${n}`;
}

const PRIMARY_TAG = /^maintenance-\d{1,9}$/;

/** null: not the hash tag of an age. */
export function primaryTagIn(text: string): string | null {
  return PRIMARY_TAG.test(text) ? text : null;
}

/** Buckets of a group share a node. A group is the first character of a bucket. */
export function rateGroup(bucket: string): string {
  return bucket.slice(0, 1);
}

/** The start of a group's keys; the bucket follows. */
export function ratePrefix(group: string): string {
  return `${PREFIX}{rate:${group}}:`;
}

const SECRET = /^mayfly:\{([^{}]+)\}(?::part:(\d+))?$/;

/** The secret that a key belongs to. `part` is null for the record itself. null: not a secret's key. */
export function secretOf(key: string): { readonly id: Id; readonly part: number | null } | null {
  const [, id, part] = SECRET.exec(key) ?? [];
  return id === undefined ? null : { id, part: part === undefined ? null : Number(part) };
}
