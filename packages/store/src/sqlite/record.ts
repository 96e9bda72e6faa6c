import { timingSafeEqual } from "node:crypto";
import type { End, Id } from "../contract/secrets.ts";
import { tombstoneUntil } from "../life.ts";
import type { Transaction } from "./commits.ts";
import { type ActiveRow, type Row, rowOf } from "./row.ts";

/**
 * The state of a secret at this time, whether or not a sweep has ended it. `ended`: how and when; the row may
 * still have its envelope. `active`: everything else. null: no such secret, or its tombstone's time is over.
 */
type CurrentState =
  | { readonly kind: "active"; readonly row: ActiveRow }
  | { readonly kind: "ended"; readonly row: Row; readonly state: End; readonly endedAt: number };

export function find(transaction: Transaction, id: Id): CurrentState | null {
  const values = transaction.sql.find.get(id) as unknown as unknown[] | undefined;
  if (!values) return null;
  const row = rowOf(values);
  if (row.secret <= transaction.discarded) return null;
  const found = stateAt(row, transaction.now);
  // An end that was told must not be undone by a restart with the clock set back: persist the time.
  if (found?.kind !== "active" && row.ended_at === null) transaction.changed = true;
  return found;
}

function stateAt(row: Row, now: number): CurrentState | null {
  if (row.ended_at !== null) {
    return now < row.due_at ? { kind: "ended", row, state: row.state, endedAt: row.ended_at } : null;
  }
  if (row.state === "reserved") return now < row.deposit_by ? { kind: "active", row } : null;
  const end = dueEnd(row, now);
  if (!end) return { kind: "active", row };
  return now < tombstoneUntil(row.expires_at, end.endedAt) ? { kind: "ended", row, ...end } : null;
}

/**
 * How a live secret has ended by `now`; null if it has not. A secret without reads left ends as opened, not
 * as expired.
 */
export function dueEnd(
  row: ActiveRow,
  now: number,
): { readonly state: End; readonly endedAt: number } | null {
  if (row.reads_left === 0 && row.lease_until !== null && row.lease_until <= now) {
    return { state: "opened", endedAt: row.lease_until };
  }
  return now < row.expires_at ? null : { state: "expired", endedAt: row.expires_at };
}

/** Compares two hashes in constant time. */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
