import type { AcknowledgeAnswer } from "../contract/secrets.ts";
import { NOT_FOUND } from "../outcomes.ts";
import type { Turn } from "./commits.ts";
import { end, endIfDue } from "./end.ts";
import { findClaim } from "./open.ts";
import { find } from "./record.ts";
import { takeUpRemains } from "./remains.ts";
import type { Kept } from "./row.ts";

export function acknowledge(turn: Turn, request: { id: string; claim: Uint8Array }): AcknowledgeAnswer {
  const found = find(turn, request.id);
  if (!found) return NOT_FOUND;
  const { row } = found;
  const claim = findClaim(turn, row.secret, request.claim);
  if (!claim) return NOT_FOUND;
  if (found.kind === "ended" && found.row.ended_at !== null) {
    takeUpRemains(turn, row.secret);
    return { outcome: "acknowledged" };
  }
  if (claim.acknowledged_at === null) {
    // A lease that has ended by itself keeps its end: the read was over then.
    turn.sql.acknowledge.run(Math.min(turn.now, claim.lease_ends), row.secret, request.claim);
    turn.changed = true;
  }
  if (found.kind === "ended") {
    // Another's lease may have been cut off by a halt: ending it is for those who know.
    if (!turn.sql.anyUnconfirmed.get(row.secret)) endIfDue(turn, found.row as Kept);
    return { outcome: "acknowledged" };
  }
  if (claim.acknowledged_at !== null || claim.lease_ends <= turn.now) return { outcome: "acknowledged" };
  const { ends } = turn.sql.lastLease.get(row.secret) as { ends: number | null };
  if (row.reads_left === 0 && (ends === null || ends <= turn.now)) end(turn, found.row, "opened", turn.now);
  else turn.sql.release.run(ends, row.reads_left === 0 && ends !== null ? ends : row.expires_at, row.secret);
  return { outcome: "acknowledged" };
}
