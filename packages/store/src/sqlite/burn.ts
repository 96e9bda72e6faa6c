import type { BurnAnswer } from "../contract/secrets.ts";
import { gone, NOT_FOUND } from "../outcomes.ts";
import type { Transaction } from "./commits.ts";
import { resumeDeletion } from "./deferred-deletions.ts";
import { abandon, end, endIfDue } from "./end.ts";
import { constantTimeEqual, find } from "./record.ts";

export function burn(transaction: Transaction, request: { id: string; manage: Uint8Array }): BurnAnswer {
  const found = find(transaction, request.id);
  if (!found || !constantTimeEqual(found.row.manage, request.manage)) return NOT_FOUND;
  if (found.kind === "ended") {
    if (found.row.ended_at === null) endIfDue(transaction, found.row);
    else resumeDeletion(transaction, found.row.secret);
    return found.state === "burned" ? { outcome: "burned" } : gone(found.state, found.endedAt);
  }
  if (found.row.state === "reserved") abandon(transaction, found.row);
  else if (found.row.reads_left === 0) {
    end(transaction, found.row, "opened", transaction.now);
    return gone("opened", transaction.now);
  } else end(transaction, found.row, "burned", transaction.now);
  return { outcome: "burned" };
}
