/**
 * What the store promises: every verb is one atomic step, whatever else runs, and safe to send again: the same call
 * repeated gives the same answer and changes nothing more. Nothing here can read a secret: the store sees ids, hashes and
 * ciphertext only.
 *
 * Times are milliseconds since the epoch on the store's own clock (Redis `TIME`; SQLite: the handed-in clock), read once per
 * step and never below the persisted high-water mark, so that a clock set back revives nothing. Hashes are 32 bytes (SHA-256).
 *
 * Every record is checked before it is used: fields, lengths, bounds, and that they agree. A broken one is to every caller as if it were
 * not there (`not_found`), and so is a part that is missing or of a wrong length: it is never handed out and takes no read. The next
 * sweep removes what is broken, whole, and counts it; no sweep fails because of one record.
 *
 * Answers are values. The one thing a method throws is `StoreUnavailable` (see errors.ts): the store did not answer in time,
 * or could not write; the step may or may not have happened, and the same call may be sent again. A store that was put back from a copy
 * does no step at all (`rolled_back`), until the operator says at a start how to go on (HISTORY.md).
 */

/** 16 random bytes as base64url, made by the service. */
export type Id = string;
/** SHA-256 of a proof, claim or manage token. */
export type Hash = Uint8Array;
export type Reads = number | "unlimited";

/** How a secret ended. */
export type End = "opened" | "expired" | "burned" | "locked";
export type SecretState = "reserved" | "live" | "claimed" | End;

/** There is nothing for this caller: unknown id, wrong hash, or a reservation asked about by a reader. All alike. */
export interface NotFound {
  readonly outcome: "not_found";
}

/**
 * It was there, the caller is entitled to know, and it has ended. The same before and after a sweep has got to it. To an opener who
 * comes while the last read's lease still runs, `endedAt` is when that read was taken. A secret whose last read was taken ends as
 * `opened`, even where its expiry cut the lease short.
 */
export interface Gone {
  readonly outcome: "gone";
  readonly state: End;
  readonly endedAt: number;
}

export interface Reservation {
  readonly id: Id;
  readonly lifetimeMs: number;
  readonly reads: Reads;
  /** The whole envelope's length. */
  readonly bytes: number;
  /** Length of every part but the last, 1 or more parts. */
  readonly partBytes: number;
  readonly leaseMs: number;
  readonly link: Hash;
  readonly passphrase: Hash | null;
  readonly manage: Hash;
}

export type ReserveAnswer =
  | { readonly outcome: "reserved"; readonly depositBy: number }
  /** The envelope would not fit now: nothing was kept. Never makes room by dropping what others deposited. */
  | { readonly outcome: "full" };

export interface Deposit {
  readonly id: Id;
  readonly manage: Hash;
  readonly part: number;
  readonly bytes: Uint8Array;
}

export type DepositAnswer =
  | { readonly outcome: "incomplete"; readonly missing: readonly number[] }
  | { readonly outcome: "live"; readonly expiresAt: number }
  /** The part is there already with other bytes; the first stay. */
  | { readonly outcome: "conflict" }
  /** No such part, or its length is not the one that was reserved. */
  | { readonly outcome: "wrong_length"; readonly expected: number | null }
  /** The part does not fit now: it was not kept. The reservation stays, and the same part may be sent again. */
  | { readonly outcome: "full" }
  | NotFound
  | Gone;

export interface Opening {
  readonly id: Id;
  readonly link: Hash;
  readonly passphrase: Hash | null;
  readonly claim: Hash;
  /** Unique to this request (16 random bytes): a re-sent step must not cost a second passphrase attempt. */
  readonly attempt: Uint8Array;
}

export type OpenAnswer =
  | {
      readonly outcome: "opened";
      readonly part: Uint8Array;
      readonly parts: number;
      readonly bytes: number;
      readonly readsLeft: Reads;
      readonly leaseEnds: number;
    }
  | { readonly outcome: "passphrase_required" }
  | { readonly outcome: "wrong_passphrase"; readonly attemptsLeft: number }
  /** Too many readers of an unlimited secret hold a lease at once; some will end soon. */
  | { readonly outcome: "busy" }
  | NotFound
  | Gone;

export type PartAnswer =
  | { readonly outcome: "part"; readonly part: Uint8Array; readonly leaseEnds: number }
  | NotFound
  | Gone;

export type AcknowledgeAnswer = { readonly outcome: "acknowledged" } | NotFound;
export type BurnAnswer = { readonly outcome: "burned" } | NotFound | Gone;

export type StatusAnswer =
  | {
      readonly outcome: "status";
      readonly state: SecretState;
      /** For a reservation: when its deposit must be complete. */
      readonly expiresAt: number;
      readonly readsLeft: Reads;
      readonly passphrase: boolean;
      readonly attemptsLeft: number | null;
      readonly openedAt: number | null;
      readonly endedAt: number | null;
    }
  | NotFound;

/** An amount that is added to the total of a bucket. */
export interface TallyEntry {
  /** A keyed hash, never an address. */
  readonly bucket: string;
  readonly windowMs: number;
  /** Negative: given back. 0: only asks. */
  readonly amount: number;
}

export interface TallyTotal {
  readonly total: number;
  /** In so many milliseconds the window ends, and with it the total. */
  readonly resetMs: number;
}

/** What a sweep removed, by kind. */
export interface Removed {
  /** Envelopes past their expiry; each left a tombstone. */
  readonly expired: number;
  /** Envelopes whose last lease had ended; each left a tombstone. */
  readonly leases: number;
  /** Reservations never completed; gone without trace. */
  readonly reservations: number;
  readonly tombstones: number;
  /** Parts without a record, records that are broken or whose parts are, and claims that cannot be understood. */
  readonly orphans: number;
}

export interface SweepOptions {
  /** Records looked at in one atomic step; other callers get their turn between the steps. */
  readonly batch: number;
  readonly signal?: AbortSignal;
  /**
   * When the service halts, or has halted, for want of a complete sweep, in the store's time; left out where no sweep was ever recorded.
   * At that time and after it, until a sweep is recorded, nothing that was running then is ended: leases that are not acknowledged, and
   * reservations, get their time anew, as if they began now. A lease still never outlives the secret's expiry; its one hour in all
   * begins anew too, for the halt has taken the time.
   */
  readonly haltedSince?: number;
}

/** The record of the last complete sweep. */
export interface Heartbeat {
  readonly storeId: string;
  /** Rises by one with every complete sweep. */
  readonly sequence: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly removed: Removed;
  readonly worker: string;
}

export interface HeartbeatView {
  readonly storeId: string;
  readonly now: number;
  /**
   * How far the clock is behind the high-water mark, in milliseconds; 0 when it leads. While it is behind, the store's time stands still
   * and nothing expires: beyond a few seconds the service must halt, and a sweep cannot be verified.
   */
  readonly clockBehindMs: number;
  /** Rises with what is done in the store; a store that was put back from a copy is younger than its processes remember. */
  readonly age: number;
  /** null: never recorded, or what is recorded cannot be understood. */
  readonly heartbeat: Heartbeat | null;
}

/** A complete, verified sweep. `startedAt` is the store's time that `now` gave before the sweep. */
export interface SweepReport {
  readonly startedAt: number;
  readonly removed: Removed;
  readonly worker: string;
  /** Unique to this sweep: recording it again changes nothing. */
  readonly run: string;
}

/** One sentence for each thing that is not as declared, without any value that is secret. */
export type RuleFault = string;

export interface Store {
  readonly kind: "sqlite" | "redis";

  /** True sentences that the operator should read at start: what stays on disk or in logs. No addresses, no secrets. */
  readonly facts: readonly string[];

  /** True sentences that the operator should do something about. No addresses, no secrets. */
  readonly warnings: readonly string[];

  /**
   * How many seconds after its end a secret's sealed bytes may still lie in a file of the store; null: nobody can say, until a server
   * rewrites its files. What the file system or the medium keeps of overwritten blocks is not known to the store. May change.
   */
  readonly erasedWithinSeconds: number | null;

  /**
   * Reserves an id for an envelope for ten minutes and the time that its bytes take at 2 Mbit/s, and none of the capacity: each part is
   * checked when it comes. The id is the caller's, fresh and random; one that holds something else
   * already is refused by throwing (`failed`). A lease of 0 is for envelopes of one part.
   */
  reserve(reservation: Reservation): Promise<ReserveAnswer>;

  /**
   * Stores one part. The last missing part makes the secret live and starts its lifetime. The same bytes again succeed with
   * the same answer and lengthen nothing. Answers after the end: `gone`.
   */
  deposit(deposit: Deposit): Promise<DepositAnswer>;

  /**
   * Hands part 0 to one claim per read. In this order:
   * 1. No record, or a reservation, or the link hash differs: `not_found`, counting nothing.
   * 2. Ended or past its expiry: `gone`. So is a secret without reads left, opened, to every claim but one within its lease.
   * 3. Passphrase wanted and absent: `passphrase_required`, counting nothing.
   * 4. Passphrase wrong: one of ten attempts is gone, the tenth destroys the secret (`gone`, locked). Without reads left nothing is
   *    counted, and the answer is `gone`, opened: a stranger cannot end the last reader's lease.
   * 5. Claim known and within its lease: the same bytes; its lease over: `gone`.
   * 6. Claim unknown: binds the claim, takes a read, starts the lease.
   *
   * A lease never outlives the secret's expiry; when the last lease of a secret without reads left ends, the parts are destroyed.
   * With a lease of 0 the parts are destroyed in this very step.
   */
  open(opening: Opening): Promise<OpenAnswer>;

  /**
   * A part for a claim within its lease. Each part but part 0 renews the lease, however often it is asked for: it then lasts as long
   * from now as it did from the open. In all it ends one hour after the open, and the time that the envelope's bytes take at 2 Mbit/s.
   * Part 0 is what the open gave: asked for again it renews nothing, so that the lease of an envelope of one part is never renewed.
   */
  part(request: { readonly id: Id; readonly claim: Hash; readonly part: number }): Promise<PartAnswer>;

  /** The claim's read is confirmed: it can no longer be repeated, and without reads or other leases left the parts are destroyed. */
  acknowledge(request: { readonly id: Id; readonly claim: Hash }): Promise<AcknowledgeAnswer>;

  /**
   * Destroys a reservation (without trace, so that burning it again is `not_found`) or a secret (tombstone). Burned already:
   * `burned` again; ended otherwise: `gone`. Where the last read was taken and its lease runs, this cuts the lease and destroys the
   * parts at once, but the secret ends as opened, now: `gone`, for somebody has read it.
   */
  burn(request: { readonly id: Id; readonly manage: Hash }): Promise<BurnAnswer>;

  /** For a holder of the link or of the manage token. With `link`, a reservation is `not_found`. Changes nothing. */
  status(
    request: { readonly id: Id } & ({ readonly link: Hash } | { readonly manage: Hash }),
  ): Promise<StatusAnswer>;

  /**
   * Destroys what is due now — ended leases, expired secrets and reservations — without waiting for the sweep; at most `limit` records.
   * Called every second by the API, and never while the service is halted: then only the sweep knows which leases the halt cut off.
   * Returns how many; Redis, where it ends the leases that this process gave out, answers 0.
   */
  endDue(limit: number): Promise<number>;

  /** The store's time. Persists the high-water mark. */
  now(): Promise<number>;

  /** One whole sweep, in batches: removes everything overdue and broken. Throws when aborted or when any part of it failed. */
  sweep(options: SweepOptions): Promise<Removed>;

  /** Verifies after a sweep: how many things are overdue at `asOf` (the sweep's start) and still there. Reads everything, in batches. */
  overdue(asOf: number, options: SweepOptions): Promise<number>;

  /** Verifies that the store still is what was declared (persistence, eviction, secure deletion). Empty: all is well. */
  ruleFaults(): Promise<readonly RuleFault[]>;

  /**
   * Records a complete sweep. What this store's last sweep gave its time anew after a halt gets it once more before, so that a long
   * sweep takes nothing of it. Of two workers' sweeps the later start counts; the sequence rises by one for each run.
   */
  recordSweep(report: SweepReport): Promise<Heartbeat>;

  /** Records that a sweep failed. Never touches the heartbeat. `reason` is a short code, never driver text. */
  recordFailedSweep(failure: { readonly worker: string; readonly reason: string }): Promise<void>;

  /** Failed sweeps since the last complete one. */
  failedSweeps(): Promise<number>;

  heartbeat(): Promise<HeartbeatView>;

  /**
   * Adds each amount to the total of its bucket, and answers the totals in the entries' order. A bucket's window is fixed and starts
   * with its first amount; nothing outlives it. No total falls below 0. Not idempotent: a retry adds twice.
   */
  tally(entries: readonly TallyEntry[]): Promise<readonly TallyTotal[]>;

  /** True when the store can be written, tried by a small writing step. Never throws. */
  ping(): Promise<boolean>;

  close(): Promise<void>;
}
