import type { Id, Reads, Reservation, ReserveAnswer } from "../contract/secrets.ts";
import { StoreUnavailable } from "../errors.ts";
import { depositMs } from "../life.ts";
import { envelopeFits } from "./capacity.ts";
import type { Turn } from "./commits.ts";
import { forgetBroken } from "./end.ts";
import { isConstraint } from "./faults.ts";
import { find, same } from "./record.ts";
import type { Kept } from "./row.ts";

export function reserve(turn: Turn, wanted: Reservation, capacityBytes: number): ReserveAnswer {
  if (!envelopeFits(turn, wanted, capacityBytes)) return again(turn, wanted) ?? { outcome: "full" };
  try {
    return keep(turn, wanted);
  } catch (error) {
    if (!isConstraint(error)) throw error;
    const answer = again(turn, wanted);
    if (answer) return answer;
    // What bears the id is past its time, or broken, and only waits for the sweep.
    forgetId(turn, wanted.id);
    return keep(turn, wanted);
  }
}

function keep(turn: Turn, wanted: Reservation): ReserveAnswer {
  const depositBy = turn.now + depositMs(wanted.bytes);
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
  turn.changed = true;
  return { outcome: "reserved", depositBy };
}

function forgetId(turn: Turn, id: Id): void {
  const found = turn.sql.findAny.get(id) as { secret: number } | undefined;
  if (found) forgetBroken(turn, found.secret);
}

/**
 * The answer to a reservation that was sent again; null when there is none of this id, or none any more. An id that is another's,
 * or whose secret has ended and is remembered, is refused.
 */
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
    found.row.lease_ms === wanted.leaseMs &&
    readsAsked(turn, found.row) === wanted.reads;
  if (!equal) throw new StoreUnavailable("failed");
  return { outcome: "reserved", depositBy: found.row.deposit_by };
}

/** Those left and those taken: the claims of a secret with so many reads stay until its end. */
function readsAsked(turn: Turn, { secret, reads_left }: Kept): Reads {
  if (reads_left === null) return "unlimited";
  return reads_left + (turn.sql.countClaims.get(secret) as { n: number }).n;
}
