import type { End } from "../contract/secrets.ts";
import { tombstoneUntil } from "../life.ts";
import type { Turn } from "./commits.ts";
import { PARTS_PER_SECRET } from "./migrations.ts";
import { dueEnd } from "./record.ts";
import { destroyParts, fits } from "./remains.ts";
import type { Kept, Row } from "./row.ts";

export const partKey = (secret: number, part: number): number => secret * PARTS_PER_SECRET + part;

/**
 * Destroys the envelope and leaves the tombstone, in this transaction; or nothing at all, when even the tombstone's life is
 * over. `openedAt`: the first read, when the row does not know of it yet.
 */
export function end(turn: Turn, row: Kept, state: End, endedAt: number, openedAt = row.opened_at): void {
  const until = tombstoneUntil(row.expires_at, endedAt);
  if (until <= turn.now) {
    forget(turn, row);
    return;
  }
  destroyEnvelope(turn, row);
  if (openedAt !== null) turn.sql.blurClaims.run(row.secret);
  turn.sql.end.run(state, endedAt, openedAt, until, row.secret);
  turn.changed = true;
}

/** Removes a record and all that belongs to it, without trace. */
export function forget(turn: Turn, row: Row): void {
  destroyEnvelope(turn, row);
  turn.sql.forgetClaims.run(row.secret);
  turn.sql.forget.run(row.secret);
  turn.changed = true;
}

/** The same by its number alone, of a record that is not to be read. */
export function forgetBroken(turn: Turn, secret: number): void {
  destroyParts(turn, secret, sumParts(turn, secret));
  turn.sql.forgetClaims.run(secret);
  turn.sql.forget.run(secret);
  turn.changed = true;
}

/**
 * Removes a reservation without trace. One with too many bytes for this transaction is past its time from now on, and its record
 * goes with the last of its parts (see remains.ts): to a sweep that just verifies, parts without any record would be overdue.
 */
export function abandon(turn: Turn, row: Kept): void {
  if (fits(turn, depositedBytes(turn, row))) {
    forget(turn, row);
    return;
  }
  const over = Math.min(row.deposit_by, turn.now);
  turn.sql.abandon.run(over, over, over, row.secret);
  turn.remains.push(row.secret);
  turn.changed = true;
}

/** What there is to destroy of a record. A reservation may wait for most of its bytes. */
export function depositedBytes(turn: Turn, row: Kept): number {
  return row.state === "live" ? row.bytes : sumParts(turn, row.secret);
}

function sumParts(turn: Turn, secret: number): number {
  return (turn.sql.sumParts.get(partKey(secret, 0), partKey(secret + 1, 0)) as { bytes: number }).bytes;
}

/** Which kind of thing was due. */
export type Due = "expired" | "leases" | "reservations";

/** Ends a record that `due_at` says is due; null when nothing of it is. */
export function endIfDue(turn: Turn, row: Kept): Due | null {
  if (row.state === "reserved") {
    if (turn.now < row.deposit_by) return null;
    abandon(turn, row);
    return "reservations";
  }
  const due = dueEnd(row, turn.now);
  if (!due) return null;
  end(turn, row, due.state, due.endedAt);
  return due.state === "expired" ? "expired" : "leases";
}

function destroyEnvelope(turn: Turn, row: Row): void {
  if (row.bytes === null) return;
  destroyParts(turn, row.secret, depositedBytes(turn, row));
}
