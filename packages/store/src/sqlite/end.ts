import type { End } from "../contract/secrets.ts";
import { tombstoneUntil } from "../life.ts";
import type { Transaction } from "./commits.ts";
import { destroyParts, fits } from "./deferred-deletions.ts";
import { PARTS_PER_SECRET } from "./migrations.ts";
import { dueEnd } from "./record.ts";
import type { ActiveRow, Row } from "./row.ts";

export const partKey = (secret: number, part: number): number => secret * PARTS_PER_SECRET + part;

/**
 * Destroys the envelope and writes the tombstone, in this transaction. Deletes the record instead if the
 * tombstone's time is over too. `openedAt`: the first read, if the row does not hold it yet.
 */
export function end(
  transaction: Transaction,
  row: ActiveRow,
  state: End,
  endedAt: number,
  openedAt = row.opened_at,
): void {
  const until = tombstoneUntil(row.expires_at, endedAt);
  if (until <= transaction.now) {
    forget(transaction, row);
    return;
  }
  destroyEnvelope(transaction, row);
  if (openedAt !== null) transaction.sql.clearClaimTimes.run(row.secret);
  transaction.sql.end.run(state, endedAt, openedAt, until, row.secret);
  transaction.changed = true;
}

/** Deletes a record with its parts and claims, and leaves no tombstone. */
export function forget(transaction: Transaction, row: Row): void {
  destroyEnvelope(transaction, row);
  transaction.sql.forgetClaims.run(row.secret);
  transaction.sql.forget.run(row.secret);
  transaction.changed = true;
}

/** Like `forget`, by the secret's number alone: the record cannot be trusted. */
export function forgetBroken(transaction: Transaction, secret: number): void {
  destroyParts(transaction, secret, sumParts(transaction, secret));
  transaction.sql.forgetClaims.run(secret);
  transaction.sql.forget.run(secret);
  transaction.changed = true;
}

/**
 * Deletes a reservation and leaves no tombstone. A reservation with too many bytes for one transaction ends now,
 * and later transactions delete its parts. The last one deletes the record: parts without a record count as broken.
 */
export function abandon(transaction: Transaction, row: ActiveRow): void {
  if (fits(transaction, depositedBytes(transaction, row))) {
    forget(transaction, row);
    return;
  }
  const endedAt = Math.min(row.deposit_by, transaction.now);
  transaction.sql.abandon.run(endedAt, endedAt, endedAt, row.secret);
  transaction.deferred.push(row.secret);
  transaction.changed = true;
}

/** Bytes of the parts to destroy. A reservation may have received only some of them. */
export function depositedBytes(transaction: Transaction, row: ActiveRow): number {
  return row.state === "live" ? row.bytes : sumParts(transaction, row.secret);
}

function sumParts(transaction: Transaction, secret: number): number {
  return (transaction.sql.sumParts.get(partKey(secret, 0), partKey(secret + 1, 0)) as { bytes: number })
    .bytes;
}

/** What was due. */
export type Due = "expired" | "leases" | "reservations";

/** Ends a record if it is due by its own times. Returns what was due; null if nothing was. */
export function endIfDue(transaction: Transaction, row: ActiveRow): Due | null {
  if (row.state === "reserved") {
    if (transaction.now < row.deposit_by) return null;
    abandon(transaction, row);
    return "reservations";
  }
  const due = dueEnd(row, transaction.now);
  if (!due) return null;
  end(transaction, row, due.state, due.endedAt);
  return due.state === "expired" ? "expired" : "leases";
}

function destroyEnvelope(transaction: Transaction, row: Row): void {
  if (row.bytes === null) return;
  destroyParts(transaction, row.secret, depositedBytes(transaction, row));
}
