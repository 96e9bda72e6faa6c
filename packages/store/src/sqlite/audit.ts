import { depositMs, TOMBSTONE_MS } from "../life.ts";
import type { Turn } from "./commits.ts";
import { isWhole, partsOf } from "./parts.ts";
import { dueEnd } from "./record.ts";
import type { Scanned } from "./row.ts";

/** True when the row was discarded, or cannot have come from the verbs: no sane expiry, a wrong due time, or parts that have vanished. */
export function isBroken(turn: Turn, row: Scanned): boolean {
  if (row.secret <= turn.discarded || row.state === null) return true;
  if (row.ended_at !== null) {
    return row.due_at > row.ended_at + TOMBSTONE_MS.max || row.ended_at > turn.now;
  }
  if (row.state === "reserved") {
    return row.deposit_by > turn.now + depositMs(row.bytes) || partsOf(turn, row).wrong > 0;
  }
  return row.expires_at > turn.now + row.lifetime_ms || !isWhole(turn, row);
}

/** True when the row, broken or not, should have been ended or forgotten by `asOf`. */
export function isOverdue(row: Scanned, asOf: number): boolean {
  if (row.state === null) return false;
  if (row.ended_at !== null) return row.due_at <= asOf;
  return row.state === "reserved" ? row.deposit_by <= asOf : dueEnd(row, asOf) !== null;
}
