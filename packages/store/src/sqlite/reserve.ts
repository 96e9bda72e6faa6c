import type { Id, Reads, Reservation, ReserveAnswer } from "../contract/secrets.ts";
import { StoreUnavailable } from "../errors.ts";
import { depositMs } from "../life.ts";
import { envelopeFits } from "./capacity.ts";
import type { Transaction } from "./commits.ts";
import { forgetBroken } from "./end.ts";
import { isConstraint } from "./faults.ts";
import { constantTimeEqual, find } from "./record.ts";
import type { ActiveRow } from "./row.ts";

export function reserve(transaction: Transaction, wanted: Reservation, capacityBytes: number): ReserveAnswer {
  if (!envelopeFits(transaction, wanted, capacityBytes))
    return repeatedAnswer(transaction, wanted) ?? { outcome: "full" };
  try {
    return insert(transaction, wanted);
  } catch (error) {
    if (!isConstraint(error)) throw error;
    const answer = repeatedAnswer(transaction, wanted);
    if (answer) return answer;
    // The record with this id is past its time or broken: delete it now instead of at the next sweep.
    forgetId(transaction, wanted.id);
    return insert(transaction, wanted);
  }
}

function insert(transaction: Transaction, wanted: Reservation): ReserveAnswer {
  const depositBy = transaction.now + depositMs(wanted.bytes);
  transaction.sql.reserve.run(
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
  transaction.changed = true;
  return { outcome: "reserved", depositBy };
}

function forgetId(transaction: Transaction, id: Id): void {
  const found = transaction.sql.findAny.get(id) as { secret: number } | undefined;
  if (found) forgetBroken(transaction, found.secret);
}

/**
 * The answer to a repeated reservation; null if no record has this id.
 * @throws StoreUnavailable `failed` if the record is another reservation's, or the secret has ended.
 */
function repeatedAnswer(transaction: Transaction, wanted: Reservation): ReserveAnswer | null {
  const found = find(transaction, wanted.id);
  if (!found) return null;
  const { row } = found;
  const equal =
    found.kind === "active" &&
    constantTimeEqual(row.link, wanted.link) &&
    constantTimeEqual(row.manage, wanted.manage) &&
    (row.passphrase === null
      ? wanted.passphrase === null
      : constantTimeEqual(row.passphrase, wanted.passphrase ?? new Uint8Array())) &&
    found.row.bytes === wanted.bytes &&
    found.row.part_bytes === wanted.partBytes &&
    found.row.lifetime_ms === wanted.lifetimeMs &&
    found.row.lease_ms === wanted.leaseMs &&
    readsAsked(transaction, found.row) === wanted.reads;
  if (!equal) throw new StoreUnavailable("failed");
  return { outcome: "reserved", depositBy: found.row.deposit_by };
}

/** Reads left plus reads taken: claims of a secret with limited reads stay until its end. */
function readsAsked(transaction: Transaction, { secret, reads_left }: ActiveRow): Reads {
  if (reads_left === null) return "unlimited";
  return reads_left + (transaction.sql.countClaims.get(secret) as { n: number }).n;
}
