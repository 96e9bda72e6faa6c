import type { OpenAnswer, Opening, PartAnswer } from "../contract/secrets.ts";
import {
  type LeaseTerms,
  leaseEnd,
  PASSPHRASE_ATTEMPTS,
  partCount,
  partLength,
  RUNNING_CLAIMS,
} from "../life.ts";
import { gone, NOT_FOUND } from "../outcomes.ts";
import type { Transaction } from "./commits.ts";
import { resumeDeletion } from "./deferred-deletions.ts";
import { end } from "./end.ts";
import { isWhole, partOf } from "./parts.ts";
import { constantTimeEqual, find } from "./record.ts";
import type { ActiveRow } from "./row.ts";

const ATTEMPT_BYTES = 16;

/** A row of `claims`. */
export interface Claim {
  readonly bound_at: number;
  readonly lease_ends: number;
  readonly acknowledged_at: number | null;
}

/** Checks in the contract's order: a caller without the link cannot see, count or spend anything. */
export function open(transaction: Transaction, opening: Opening): OpenAnswer {
  const found = find(transaction, opening.id);
  if (!found || found.row.state === "reserved" || !constantTimeEqual(found.row.link, opening.link))
    return NOT_FOUND;
  if (found.kind === "ended") {
    if (found.row.ended_at !== null) resumeDeletion(transaction, found.row.secret);
    return gone(found.state, found.endedAt);
  }
  const { row } = found;
  const claim = row.opened_at === null ? undefined : findClaim(transaction, row.secret, opening.claim);
  if (!claim && row.opened_at !== null && transaction.sql.findAnyClaim.get(row.secret, opening.claim))
    return NOT_FOUND;
  const readEndedAt = claim ? readEnd(claim, transaction.now) : null;
  const lastReadAt = row.reads_left === 0 ? (row.last_read_at ?? transaction.now) : null;
  if (lastReadAt !== null && (!claim || readEndedAt !== null))
    return gone("opened", readEndedAt ?? lastReadAt);
  if (row.passphrase !== null) {
    if (opening.passphrase === null) return { outcome: "passphrase_required" };
    if (!constantTimeEqual(row.passphrase, opening.passphrase))
      return lastReadAt === null ? fail(transaction, row, opening.attempt) : gone("opened", lastReadAt);
  }
  if (readEndedAt !== null) return gone("opened", readEndedAt);
  return claim
    ? handOut(transaction, row, row.reads_left, claim.lease_ends)
    : read(transaction, row, opening);
}

/** Hands out a part to a claim that was bound before. */
export function part(
  transaction: Transaction,
  request: { id: string; claim: Uint8Array; part: number },
): PartAnswer {
  const found = find(transaction, request.id);
  if (!found) return NOT_FOUND;
  const claim = findClaim(transaction, found.row.secret, request.claim);
  if (!claim) return NOT_FOUND;
  if (found.kind === "ended") return gone(found.state, found.endedAt);
  const readEndedAt = readEnd(claim, transaction.now);
  if (readEndedAt !== null) return gone("opened", readEndedAt);
  const { row } = found;
  if (partLength(row.bytes, row.part_bytes, request.part) === null) return NOT_FOUND;
  const bytes = partOf(transaction, row, request.part);
  if (!bytes) return NOT_FOUND;
  const renewed = request.part === 0 ? 0 : leaseEnd(transaction.now, claim.bound_at, termsOf(row));
  const leaseEnds = Math.max(claim.lease_ends, renewed);
  if (leaseEnds !== claim.lease_ends) {
    transaction.sql.renew.run(leaseEnds, row.secret, request.claim);
    const until = Math.max(row.lease_until ?? 0, leaseEnds);
    transaction.sql.release.run(until, row.reads_left === 0 ? until : row.expires_at, row.secret);
    transaction.changed = true;
  }
  return { outcome: "part", part: bytes, leaseEnds };
}

export function findClaim(transaction: Transaction, secret: number, claim: Uint8Array): Claim | undefined {
  return transaction.sql.findClaim.get(secret, claim) as Claim | undefined;
}

/** When this claim's read ended; null while it can be repeated. */
function readEnd(claim: Claim, now: number): number | null {
  if (claim.acknowledged_at !== null) return claim.acknowledged_at;
  return claim.lease_ends <= now ? claim.lease_ends : null;
}

/**
 * Counts a wrong passphrase. Idempotent: the same attempt again gets the same answer and costs nothing more.
 */
function fail(transaction: Transaction, row: ActiveRow, attempt: Uint8Array): OpenAnswer {
  const failed = row.attempts.byteLength / ATTEMPT_BYTES;
  for (let i = 0; i < failed; i++) {
    if (constantTimeEqual(row.attempts.subarray(i * ATTEMPT_BYTES, (i + 1) * ATTEMPT_BYTES), attempt)) {
      return { outcome: "wrong_passphrase", attemptsLeft: PASSPHRASE_ATTEMPTS - 1 - i };
    }
  }
  const attemptsLeft = PASSPHRASE_ATTEMPTS - 1 - failed;
  if (attemptsLeft === 0) {
    end(transaction, row, "locked", transaction.now);
    return gone("locked", transaction.now);
  }
  transaction.sql.fail.run(Buffer.concat([row.attempts, attempt]), row.secret);
  transaction.changed = true;
  return { outcome: "wrong_passphrase", attemptsLeft };
}

/** Takes a read. An incomplete envelope costs no read. */
function read(transaction: Transaction, row: ActiveRow, opening: Opening): OpenAnswer {
  if (row.bytes > row.part_bytes && !isWhole(transaction, row)) return NOT_FOUND;
  if (row.reads_left === null) {
    transaction.sql.pruneClaims.run(row.secret, transaction.now);
    const running = transaction.sql.runningClaims.get(row.secret, transaction.now) as { n: number };
    if (running.n >= RUNNING_CLAIMS) return { outcome: "busy" };
  }
  const readsLeft = row.reads_left === null ? null : row.reads_left - 1;
  const leaseEnds = leaseEnd(transaction.now, transaction.now, termsOf(row));
  const answer = handOut(transaction, row, readsLeft, leaseEnds);
  if (answer.outcome === "not_found") return answer;
  const openedAt = row.opened_at ?? transaction.now;
  const until = Math.max(row.lease_until ?? 0, leaseEnds);
  transaction.sql.bind.run(row.secret, opening.claim, transaction.now, leaseEnds);
  transaction.changed = true;
  if (readsLeft === 0 && until <= transaction.now) {
    end(transaction, row, "opened", transaction.now, openedAt);
  } else {
    transaction.sql.read.run(
      readsLeft,
      openedAt,
      transaction.now,
      until,
      readsLeft === 0 ? until : row.expires_at,
      row.secret,
    );
  }
  return answer;
}

function termsOf({ lease_ms: leaseMs, bytes, expires_at: expiresAt }: ActiveRow): LeaseTerms {
  return { leaseMs, bytes, expiresAt };
}

function handOut(
  transaction: Transaction,
  row: ActiveRow,
  readsLeft: number | null,
  leaseEnds: number,
): OpenAnswer {
  const part = partOf(transaction, row, 0);
  if (!part) return NOT_FOUND;
  return {
    outcome: "opened",
    part,
    parts: partCount(row.bytes, row.part_bytes),
    bytes: row.bytes,
    readsLeft: readsLeft ?? "unlimited",
    leaseEnds,
  };
}
