import { timingSafeEqual } from "node:crypto";
import type { End, Id } from "../contract/secrets.ts";
import { tombstoneUntil } from "../life.ts";
import type { Turn } from "./commits.ts";
import { type Kept, type Row, rowOf } from "./row.ts";

/**
 * Where a secret stands at this time, whether or not a sweep has got to it. `ended`: how and when; `row` may still have its
 * envelope then. Everything else is `kept`. null: there is nothing, or nothing any more.
 */
export type Standing =
  | { readonly kind: "kept"; readonly row: Kept }
  | { readonly kind: "ended"; readonly row: Row; readonly state: End; readonly endedAt: number };

export function find(turn: Turn, id: Id): Standing | null {
  const values = turn.sql.find.get(id) as unknown as unknown[] | undefined;
  if (!values) return null;
  const row = rowOf(values);
  if (row.secret <= turn.discarded) return null;
  const found = standing(row, turn.now);
  // What was told to have ended must not come back after a restart with the clock set back.
  if (found?.kind !== "kept" && row.ended_at === null) turn.changed = true;
  return found;
}

export function standing(row: Row, now: number): Standing | null {
  if (row.ended_at !== null) {
    return now < row.due_at ? { kind: "ended", row, state: row.state, endedAt: row.ended_at } : null;
  }
  if (row.state === "reserved") return now < row.deposit_by ? { kind: "kept", row } : null;
  const end = dueEnd(row, now);
  if (!end) return { kind: "kept", row };
  return now < tombstoneUntil(row.expires_at, end.endedAt) ? { kind: "ended", row, ...end } : null;
}

/** How a live secret has ended by now; null while it has not. A secret without reads left ends as opened, not as expired. */
export function dueEnd(row: Kept, now: number): { readonly state: End; readonly endedAt: number } | null {
  if (row.reads_left === 0 && row.lease_until !== null && row.lease_until <= now) {
    return { state: "opened", endedAt: row.lease_until };
  }
  return now < row.expires_at ? null : { state: "expired", endedAt: row.expires_at };
}

/** Equality of two hashes in a time that tells nothing. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
