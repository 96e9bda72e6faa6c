import { depositMs, TOMBSTONE_MS } from "../life.ts";
import type { Transaction } from "./commits.ts";
import { isWhole, partsOf } from "./parts.ts";
import { dueEnd } from "./record.ts";
import type { ScannedRow } from "./row.ts";

/**
 * True if the row was discarded, or if no verb can have written it: impossible times, or parts that are
 * missing or have a wrong length.
 */
export function isBroken(transaction: Transaction, row: ScannedRow): boolean {
  if (row.secret <= transaction.discarded || row.state === null) return true;
  if (row.ended_at !== null) {
    return row.due_at > row.ended_at + TOMBSTONE_MS.max || row.ended_at > transaction.now;
  }
  if (row.state === "reserved") {
    return row.deposit_by > transaction.now + depositMs(row.bytes) || partsOf(transaction, row).wrong > 0;
  }
  return row.expires_at > transaction.now + row.lifetime_ms || !isWhole(transaction, row);
}

/**
 * True if the row should have been ended or deleted by `asOf`. False for an invalid row, which `isBroken`
 * reports.
 */
export function isOverdue(row: ScannedRow, asOf: number): boolean {
  if (row.state === null) return false;
  if (row.ended_at !== null) return row.due_at <= asOf;
  return row.state === "reserved" ? row.deposit_by <= asOf : dueEnd(row, asOf) !== null;
}
