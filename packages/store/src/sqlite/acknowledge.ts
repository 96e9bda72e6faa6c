import type { AcknowledgeAnswer } from "../contract/secrets.ts";
import { NOT_FOUND } from "../outcomes.ts";
import type { Transaction } from "./commits.ts";
import { resumeDeletion } from "./deferred-deletions.ts";
import { end, endIfDue } from "./end.ts";
import { findClaim } from "./open.ts";
import { find } from "./record.ts";
import type { ActiveRow } from "./row.ts";

export function acknowledge(
  transaction: Transaction,
  request: { id: string; claim: Uint8Array },
): AcknowledgeAnswer {
  const found = find(transaction, request.id);
  if (!found) return NOT_FOUND;
  const { row } = found;
  const claim = findClaim(transaction, row.secret, request.claim);
  if (!claim) return NOT_FOUND;
  if (found.kind === "ended" && found.row.ended_at !== null) {
    resumeDeletion(transaction, row.secret);
    return { outcome: "acknowledged" };
  }
  if (claim.acknowledged_at === null) {
    // A lease that ended before keeps its end: the read was over then.
    transaction.sql.acknowledge.run(Math.min(transaction.now, claim.lease_ends), row.secret, request.claim);
    transaction.changed = true;
  }
  if (found.kind === "ended") {
    // A halt may have cut off another claim's lease. Only `endDue` or a sweep knows.
    // So the secret is not ended here.
    if (!transaction.sql.anyUnconfirmed.get(row.secret)) endIfDue(transaction, found.row as ActiveRow);
    return { outcome: "acknowledged" };
  }
  if (claim.acknowledged_at !== null || claim.lease_ends <= transaction.now)
    return { outcome: "acknowledged" };
  const { ends } = transaction.sql.lastLease.get(row.secret) as { ends: number | null };
  if (row.reads_left !== 0) transaction.sql.release.run(ends, row.expires_at, row.secret);
  else if (ends === null) end(transaction, found.row, "opened", transaction.now);
  else {
    // As above: a lease that is over ends the secret at the next `endDue` or sweep.
    const until = Math.max(ends, transaction.now);
    transaction.sql.release.run(until, until, row.secret);
  }
  return { outcome: "acknowledged" };
}
