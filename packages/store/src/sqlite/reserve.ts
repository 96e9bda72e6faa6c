import type { Reservation, ReserveAnswer } from "../contract.ts";
import { StoreUnavailable } from "../errors.ts";
import { DEPOSIT_MS } from "../life.ts";
import type { Turn } from "./commits.ts";
import { isConstraint } from "./faults.ts";
import { find, same } from "./record.ts";

export function reserve(turn: Turn, wanted: Reservation, capacityBytes: number): ReserveAnswer {
  const depositBy = turn.now + DEPOSIT_MS;
  if (turn.held + wanted.bytes > capacityBytes) return again(turn, wanted) ?? { outcome: "full" };
  try {
    turn.sql.reserve.run(
      wanted.id,
      wanted.link,
      wanted.passphrase,
      wanted.manage,
      wanted.bytes,
      wanted.partBytes,
      wanted.lifetimeMs,
      wanted.leaseMs,
      depositBy,
      depositBy,
      wanted.reads === "unlimited" ? null : wanted.reads,
      depositBy,
    );
  } catch (error) {
    const answer = isConstraint(error) ? again(turn, wanted) : null;
    if (answer) return answer;
    throw error;
  }
  turn.held += wanted.bytes;
  turn.changed = true;
  return { outcome: "reserved", depositBy };
}

/** The answer to a reservation that was sent again; null when there is none of this id. An id that is another's is refused. */
function again(turn: Turn, wanted: Reservation): ReserveAnswer | null {
  const found = find(turn, wanted.id);
  if (!found) return null;
  const { row } = found;
  const equal =
    found.kind === "kept" &&
    same(row.link, wanted.link) &&
    same(row.manage, wanted.manage) &&
    (row.passphrase === null
      ? wanted.passphrase === null
      : same(row.passphrase, wanted.passphrase ?? new Uint8Array())) &&
    found.row.bytes === wanted.bytes &&
    found.row.part_bytes === wanted.partBytes &&
    found.row.lifetime_ms === wanted.lifetimeMs &&
    found.row.lease_ms === wanted.leaseMs;
  if (!equal) throw new StoreUnavailable("failed");
  return { outcome: "reserved", depositBy: found.row.deposit_by };
}
