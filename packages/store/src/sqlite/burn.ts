import type { BurnAnswer } from "../contract/secrets.ts";
import { gone, NOT_FOUND } from "../outcomes.ts";
import type { Turn } from "./commits.ts";
import { abandon, end, endIfDue } from "./end.ts";
import { find, same } from "./record.ts";
import { takeUpRemains } from "./remains.ts";

export function burn(turn: Turn, request: { id: string; manage: Uint8Array }): BurnAnswer {
  const found = find(turn, request.id);
  if (!found || !same(found.row.manage, request.manage)) return NOT_FOUND;
  if (found.kind === "ended") {
    if (found.row.ended_at === null) endIfDue(turn, found.row);
    else takeUpRemains(turn, found.row.secret);
    return found.state === "burned" ? { outcome: "burned" } : gone(found.state, found.endedAt);
  }
  if (found.row.state === "reserved") abandon(turn, found.row);
  else if (found.row.reads_left === 0) {
    end(turn, found.row, "opened", turn.now);
    return gone("opened", turn.now);
  } else end(turn, found.row, "burned", turn.now);
  return { outcome: "burned" };
}
