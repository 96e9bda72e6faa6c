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
import type { Turn } from "./commits.ts";
import { end } from "./end.ts";
import { isWhole, partOf } from "./parts.ts";
import { find, same } from "./record.ts";
import { takeUpRemains } from "./remains.ts";
import type { Kept } from "./row.ts";

const ATTEMPT_BYTES = 16;

/** A row of `claims`. */
export interface Claim {
  readonly bound_at: number;
  readonly lease_ends: number;
  readonly acknowledged_at: number | null;
}

/** The checks stand in the contract's order, so that nobody without the link can count, see or spend anything. */
export function open(turn: Turn, opening: Opening): OpenAnswer {
  const found = find(turn, opening.id);
  if (!found || found.row.state === "reserved" || !same(found.row.link, opening.link)) return NOT_FOUND;
  if (found.kind === "ended") {
    if (found.row.ended_at !== null) takeUpRemains(turn, found.row.secret);
    return gone(found.state, found.endedAt);
  }
  const { row } = found;
  const claim = row.opened_at === null ? undefined : findClaim(turn, row.secret, opening.claim);
  if (!claim && row.opened_at !== null && turn.sql.findAnyClaim.get(row.secret, opening.claim))
    return NOT_FOUND;
  const over = claim ? readEnd(claim, turn.now) : null;
  const takenAt = row.reads_left === 0 ? (row.last_read_at ?? turn.now) : null;
  if (takenAt !== null && (!claim || over !== null)) return gone("opened", over ?? takenAt);
  if (row.passphrase !== null) {
    if (opening.passphrase === null) return { outcome: "passphrase_required" };
    if (!same(row.passphrase, opening.passphrase))
      return takenAt === null ? fail(turn, row, opening.attempt) : gone("opened", takenAt);
  }
  if (over !== null) return gone("opened", over);
  return claim ? handOut(turn, row, row.reads_left, claim.lease_ends) : read(turn, row, opening);
}

/** A further part, for a claim that was bound before. */
export function part(turn: Turn, request: { id: string; claim: Uint8Array; part: number }): PartAnswer {
  const found = find(turn, request.id);
  if (!found) return NOT_FOUND;
  const claim = findClaim(turn, found.row.secret, request.claim);
  if (!claim) return NOT_FOUND;
  if (found.kind === "ended") return gone(found.state, found.endedAt);
  const over = readEnd(claim, turn.now);
  if (over !== null) return gone("opened", over);
  const { row } = found;
  if (partLength(row.bytes, row.part_bytes, request.part) === null) return NOT_FOUND;
  const bytes = partOf(turn, row, request.part);
  if (!bytes) return NOT_FOUND;
  const renewed = request.part === 0 ? 0 : leaseEnd(turn.now, claim.bound_at, termsOf(row));
  const leaseEnds = Math.max(claim.lease_ends, renewed);
  if (leaseEnds !== claim.lease_ends) {
    turn.sql.renew.run(leaseEnds, row.secret, request.claim);
    const until = Math.max(row.lease_until ?? 0, leaseEnds);
    turn.sql.release.run(until, row.reads_left === 0 ? until : row.expires_at, row.secret);
    turn.changed = true;
  }
  return { outcome: "part", part: bytes, leaseEnds };
}

export function findClaim(turn: Turn, secret: number, claim: Uint8Array): Claim | undefined {
  return turn.sql.findClaim.get(secret, claim) as Claim | undefined;
}

/** When this claim's read ended; null while it may be repeated. */
function readEnd(claim: Claim, now: number): number | null {
  if (claim.acknowledged_at !== null) return claim.acknowledged_at;
  return claim.lease_ends <= now ? claim.lease_ends : null;
}

/** A wrong passphrase. The same attempt sent again gets the answer that it got, and costs nothing more. */
function fail(turn: Turn, row: Kept, attempt: Uint8Array): OpenAnswer {
  const failed = row.attempts.byteLength / ATTEMPT_BYTES;
  for (let i = 0; i < failed; i++) {
    if (same(row.attempts.subarray(i * ATTEMPT_BYTES, (i + 1) * ATTEMPT_BYTES), attempt)) {
      return { outcome: "wrong_passphrase", attemptsLeft: PASSPHRASE_ATTEMPTS - 1 - i };
    }
  }
  const attemptsLeft = PASSPHRASE_ATTEMPTS - 1 - failed;
  if (attemptsLeft === 0) {
    end(turn, row, "locked", turn.now);
    return gone("locked", turn.now);
  }
  turn.sql.fail.run(Buffer.concat([row.attempts, attempt]), row.secret);
  turn.changed = true;
  return { outcome: "wrong_passphrase", attemptsLeft };
}

/** No read is taken of an envelope that is not whole. */
function read(turn: Turn, row: Kept, opening: Opening): OpenAnswer {
  if (row.bytes > row.part_bytes && !isWhole(turn, row)) return NOT_FOUND;
  if (row.reads_left === null) {
    turn.sql.pruneClaims.run(row.secret, turn.now);
    const running = turn.sql.runningClaims.get(row.secret, turn.now) as { n: number };
    if (running.n >= RUNNING_CLAIMS) return { outcome: "busy" };
  }
  const readsLeft = row.reads_left === null ? null : row.reads_left - 1;
  const leaseEnds = leaseEnd(turn.now, turn.now, termsOf(row));
  const answer = handOut(turn, row, readsLeft, leaseEnds);
  if (answer.outcome === "not_found") return answer;
  const openedAt = row.opened_at ?? turn.now;
  const until = Math.max(row.lease_until ?? 0, leaseEnds);
  turn.sql.bind.run(row.secret, opening.claim, turn.now, leaseEnds);
  turn.changed = true;
  if (readsLeft === 0 && until <= turn.now) {
    end(turn, row, "opened", turn.now, openedAt);
  } else {
    turn.sql.read.run(
      readsLeft,
      openedAt,
      turn.now,
      until,
      readsLeft === 0 ? until : row.expires_at,
      row.secret,
    );
  }
  return answer;
}

function termsOf({ lease_ms: leaseMs, bytes, expires_at: expiresAt }: Kept): LeaseTerms {
  return { leaseMs, bytes, expiresAt };
}

function handOut(turn: Turn, row: Kept, readsLeft: number | null, leaseEnds: number): OpenAnswer {
  const part = partOf(turn, row, 0);
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
