import { depositMs, partCount, TOMBSTONE_MS } from "../life.ts";
import type { Turn } from "./commits.ts";
import { partKey } from "./end.ts";
import { dueEnd, type Kept, type Row } from "./record.ts";

/** True when the row was discarded, or cannot have come from the verbs: no sane expiry, a wrong due time, or parts that have vanished. */
export function isBroken(turn: Turn, row: Row): boolean {
  if (row.secret <= turn.discarded) return true;
  if (row.ended_at !== null) {
    return row.due_at > row.ended_at + TOMBSTONE_MS.max || row.ended_at > turn.now;
  }
  if (row.state === "reserved") {
    if (row.due_at !== row.deposit_by || row.expires_at !== row.deposit_by) return true;
    return row.deposit_by > turn.now + depositMs(row.bytes);
  }
  if (row.due_at !== (row.reads_left === 0 ? row.lease_until : row.expires_at)) return true;
  return row.expires_at > turn.now + row.lifetime_ms || !isWhole(turn, row);
}

/** True when the row, broken or not, should have been ended or forgotten by `asOf`. */
export function isOverdue(row: Row, asOf: number): boolean {
  if (row.ended_at !== null) return row.due_at <= asOf;
  return row.state === "reserved" ? row.deposit_by <= asOf : dueEnd(row, asOf) !== null;
}

function isWhole(turn: Turn, row: Kept): boolean {
  const kept = turn.sql.listParts.all(partKey(row.secret, 0), partKey(row.secret + 1, 0));
  return kept.length === partCount(row.bytes, row.part_bytes);
}
