import { depositMs } from "../life.ts";
import type { Commits, Transaction } from "./commits.ts";
import { haltedSince } from "./heartbeat.ts";
import { type ActiveRow, rowOf } from "./row.ts";

/** Records renewed in one transaction. */
const RENEWED_PER_COMMIT = 64;

/**
 * Restarts the leases, or the reservation, that were running when the halt began at `since`. They start anew
 * now and never outlive the secret's expiry. False if none was running.
 */
export function renewCutOff(transaction: Transaction, row: ActiveRow, since: number): boolean {
  if (row.state === "reserved") {
    // A reservation without reads was abandoned: only its last parts are still to be destroyed (end.ts).
    if (row.deposit_by <= since || row.reads_left === 0) return false;
    const depositBy = transaction.now + depositMs(row.bytes);
    transaction.sql.setDepositBy.run(depositBy, depositBy, depositBy, row.secret);
    transaction.changed = true;
    return true;
  }
  const ends = Math.min(transaction.now + row.lease_ms, row.expires_at);
  if (row.lease_until === null || row.lease_until <= since || ends <= transaction.now) return false;
  if (transaction.sql.renewCutOff.run(transaction.now, ends, row.secret, since).changes === 0) return false;
  transaction.sql.release.run(ends, row.reads_left === 0 ? ends : row.expires_at, row.secret);
  transaction.changed = true;
  return true;
}

/**
 * Renews once more, if the halt still lasts, what a sweep has renewed: a long sweep must not use up that
 * time.
 * @throws StoreUnavailable
 */
export async function renewAllCutOff(
  commits: Commits,
  secrets: readonly number[],
  maxAgeMs: number | undefined,
): Promise<void> {
  for (let from = 0; from < secrets.length; from += RENEWED_PER_COMMIT) {
    await commits.run((transaction) => {
      const since = haltedSince(transaction, maxAgeMs);
      if (since === null) return;
      for (const secret of secrets.slice(from, from + RENEWED_PER_COMMIT)) {
        const values = transaction.sql.getSecret.get(secret) as unknown as unknown[] | undefined;
        const row = values && rowOf(values);
        if (row && row.ended_at === null) renewCutOff(transaction, row, since);
      }
    });
  }
}
