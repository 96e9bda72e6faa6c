import type { AcknowledgeAnswer } from "../contract.ts";
import type { Turn } from "./commits.ts";
import { end, endIfDue } from "./end.ts";
import { findClaim } from "./open.ts";
import { find, NOT_FOUND } from "./record.ts";
import { takeUpRemains } from "./remains.ts";

export function acknowledge(turn: Turn, request: { id: string; claim: Uint8Array }): AcknowledgeAnswer {
  const found = find(turn, request.id);
  if (!found) return NOT_FOUND;
  const { row } = found;
  const claim = findClaim(turn, row.secret, request.claim);
  if (!claim) return NOT_FOUND;
  if (found.kind === "ended") {
    if (found.row.ended_at === null) endIfDue(turn, found.row);
    else takeUpRemains(turn, row.secret);
    return { outcome: "acknowledged" };
  }
  // A lease that has ended by itself keeps its end: the read was over then.
  if (claim.acknowledged_at !== null || claim.lease_ends <= turn.now) return { outcome: "acknowledged" };
  turn.sql.acknowledge.run(turn.now, row.secret, request.claim);
  turn.changed = true;
  const { ends } = turn.sql.lastLease.get(row.secret) as { ends: number | null };
  if (row.reads_left === 0 && (ends === null || ends <= turn.now)) end(turn, found.row, "opened", turn.now);
  else turn.sql.release.run(ends, row.reads_left === 0 && ends !== null ? ends : row.expires_at, row.secret);
  return { outcome: "acknowledged" };
}
