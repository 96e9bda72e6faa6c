import { depositMs } from "../life.ts";
import type { Commits, Turn } from "./commits.ts";
import { haltedSince } from "./heartbeat.ts";
import { type Kept, rowOf } from "./row.ts";

/** Records renewed in one transaction. */
const RENEWED_PER_COMMIT = 64;

/**
 * Gives the leases, or the reservation, of a record that were running when the halt began their time anew, as if they began now; never past
 * the secret's expiry. False when there are none.
 */
export function renewCutOff(turn: Turn, row: Kept, since: number): boolean {
  if (row.state === "reserved") {
    // Without reads it was abandoned, and waits for the last of its parts to be destroyed (see end.ts).
    if (row.deposit_by <= since || row.reads_left === 0) return false;
    const depositBy = turn.now + depositMs(row.bytes);
    turn.sql.setDepositBy.run(depositBy, depositBy, depositBy, row.secret);
    turn.changed = true;
    return true;
  }
  const ends = Math.min(turn.now + row.lease_ms, row.expires_at);
  if (row.lease_until === null || row.lease_until <= since || ends <= turn.now) return false;
  if (turn.sql.renewCutOff.run(turn.now, ends, row.secret, since).changes === 0) return false;
  turn.sql.release.run(ends, row.reads_left === 0 ? ends : row.expires_at, row.secret);
  turn.changed = true;
  return true;
}

/**
 * Renews what a sweep has given its time anew once more while the halt lasts, so that a long sweep takes nothing of it.
 * @throws StoreUnavailable
 */
export async function renewAllCutOff(
  commits: Commits,
  secrets: readonly number[],
  maxAgeMs: number | undefined,
): Promise<void> {
  for (let from = 0; from < secrets.length; from += RENEWED_PER_COMMIT) {
    await commits.run((turn) => {
      const since = haltedSince(turn, maxAgeMs);
      if (since === null) return;
      for (const secret of secrets.slice(from, from + RENEWED_PER_COMMIT)) {
        const values = turn.sql.getSecret.get(secret) as unknown as unknown[] | undefined;
        const row = values && rowOf(values);
        if (row && row.ended_at === null) renewCutOff(turn, row, since);
      }
    });
  }
}
