import type { End } from "../contract.ts";
import { tombstoneUntil } from "../life.ts";
import type { Turn } from "./commits.ts";
import { PARTS_PER_SECRET } from "./migrations.ts";
import { dueEnd, type Kept, type Row } from "./record.ts";
import { destroyParts } from "./remains.ts";

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

/** Which kind of thing was due. */
export type Due = "expired" | "leases" | "reservations";

/** Ends a record that `due_at` says is due; null when nothing of it is. */
export function endIfDue(turn: Turn, row: Kept): Due | null {
  if (row.state === "reserved") {
    if (turn.now < row.deposit_by) return null;
    forget(turn, row);
    return "reservations";
  }
  const due = dueEnd(row, turn.now);
  if (!due) return null;
  end(turn, row, due.state, due.endedAt);
  return due.state === "expired" ? "expired" : "leases";
}

function destroyEnvelope(turn: Turn, row: Row): void {
  if (row.bytes === null) return;
  destroyParts(turn, row.secret, row.bytes);
  turn.held = Math.max(0, turn.held - row.bytes);
}
