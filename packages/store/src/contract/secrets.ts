/**
 * The life of a secret, as the API asks for it. The store sees ids, hashes and ciphertext: it cannot read a secret.
 *
 * Every method of `Secrets` is one atomic step, whatever else runs at the same time. The methods from `reserve` to `status` are
 * idempotent: the same call again gives the same answer and changes nothing more.
 *
 * Times are milliseconds since the epoch on the store's own clock: Redis `TIME`, or the clock handed in to SQLite. A step reads the
 * clock once. The store's time never falls below the persisted high-water mark, so a clock set back revives nothing.
 *
 * A record is checked before it is used: its fields, lengths, bounds, and that they agree. A broken record reads as `not_found`. So does
 * a part that is missing or has the wrong length: it is not handed out and costs no read. The next sweep removes and counts what is broken.
 *
 * Answers are values. A method throws only `StoreUnavailable` (errors.ts): the step may or may not have run, and the caller may send it
 * again. A store that was put back from a copy runs no step (`rolled_back`) until the operator decides (HISTORY.md).
 */

/** 16 random bytes as base64url (22 characters), made by the service. */
export type Id = string;
/** SHA-256 (32 bytes) of a proof, claim or manage token. */
export type Hash = Uint8Array;
export type Reads = number | "unlimited";

/** How a secret ended. */
export const ENDS = ["opened", "expired", "burned", "locked"] as const;
export type End = (typeof ENDS)[number];
export type SecretState = "reserved" | "live" | "claimed" | End;

/** Nothing for this caller: the id is unknown, the hash is wrong, or a reader asked about a reservation. The answers are alike. */
export interface NotFound {
  readonly outcome: "not_found";
}

/**
 * The secret has ended, and the caller may know it. The answer is the same before and after a sweep. While the last read's lease runs,
 * other openers get `opened`, and `endedAt` is when that read was taken. A claim whose own lease ended first gets the end of that lease.
 * A secret whose last read was taken ends as `opened`, even if its expiry cut the lease short.
 */
export interface Gone {
  readonly outcome: "gone";
  readonly state: End;
  readonly endedAt: number;
}

export interface Reservation {
  /** Fresh and random. */
  readonly id: Id;
  readonly lifetimeMs: number;
  readonly reads: Reads;
  /** Length of the whole envelope. */
  readonly bytes: number;
  /** Length of every part but the last; there is at least one part. */
  readonly partBytes: number;
  /** 0: no lease, for envelopes of one part. */
  readonly leaseMs: number;
  readonly link: Hash;
  readonly passphrase: Hash | null;
  readonly manage: Hash;
}

export type ReserveAnswer =
  | { readonly outcome: "reserved"; readonly depositBy: number }
  /** The envelope does not fit now. Nothing was kept, and nothing of others was dropped. */
  | { readonly outcome: "full" };

export interface Deposit {
  readonly id: Id;
  readonly manage: Hash;
  /** From 0. */
  readonly part: number;
  readonly bytes: Uint8Array;
}

export type DepositAnswer =
  | { readonly outcome: "incomplete"; readonly missing: readonly number[] }
  | { readonly outcome: "live"; readonly expiresAt: number }
  /** The part was deposited before with other bytes. Those stay. */
  | { readonly outcome: "conflict" }
  /** `expected`: the length that was reserved for this part; null: there is no such part. */
  | { readonly outcome: "wrong_length"; readonly expected: number | null }
  /** The part does not fit now and was not kept. The reservation stays, and the same part may be sent again. */
  | { readonly outcome: "full" }
  | NotFound
  | Gone;

export interface Opening {
  readonly id: Id;
  readonly link: Hash;
  readonly passphrase: Hash | null;
  readonly claim: Hash;
  /** 16 random bytes, one value per request: a request that is sent again must not cost a second passphrase attempt. */
  readonly attempt: Uint8Array;
}

export type OpenAnswer =
  | {
      readonly outcome: "opened";
      /** Part 0. */
      readonly part: Uint8Array;
      readonly parts: number;
      /** Length of the whole envelope. */
      readonly bytes: number;
      readonly readsLeft: Reads;
      readonly leaseEnds: number;
    }
  | { readonly outcome: "passphrase_required" }
  | { readonly outcome: "wrong_passphrase"; readonly attemptsLeft: number }
  /** Too many readers of an unlimited secret hold a lease. Some leases end soon. */
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

/** What the API may do. */
export interface Secrets {
  /**
   * Reserves an id for ten minutes, plus the time that the envelope's bytes take at 2 Mbit/s. A reservation takes none of the
   * capacity: each part is checked when it arrives. Throws `failed` if the id holds something else already.
   */
  reserve(reservation: Reservation): Promise<ReserveAnswer>;

  /**
   * Stores one part. The last missing part makes the secret live and starts its lifetime. The same bytes again get the same answer
   * and prolong nothing.
   */
  deposit(deposit: Deposit): Promise<DepositAnswer>;

  /**
   * Hands out part 0, to one claim per read. The checks run in this order:
   * 1. No record, a reservation, or another link hash: `not_found`. Nothing is counted.
   * 2. Ended, or past its expiry: `gone`. A secret without reads left is `gone`, opened, for every claim but one within its lease.
   * 3. A passphrase is required and missing: `passphrase_required`. Nothing is counted.
   * 4. A wrong passphrase costs one of ten attempts; the tenth destroys the secret (`gone`, locked). Without reads left nothing is
   *    counted and the answer is `gone`, opened, so a stranger cannot end the last reader's lease.
   * 5. A known claim within its lease gets the same bytes; after its lease: `gone`.
   * 6. A new claim takes a read and starts its lease.
   *
   * A lease never outlives the secret's expiry. When the last lease of a secret without reads left ends, the parts are destroyed.
   * With a lease of 0 this step itself destroys the parts.
   */
  open(opening: Opening): Promise<OpenAnswer>;

  /**
   * Hands out a part, to a claim within its lease. Every part but part 0 renews the lease: it then lasts as long from now as it did
   * from the open. All renewals end one hour after the open, plus the time that the envelope's bytes take at 2 Mbit/s. Part 0 renews
   * nothing, so the lease of an envelope of one part is never renewed.
   */
  part(request: { readonly id: Id; readonly claim: Hash; readonly part: number }): Promise<PartAnswer>;

  /**
   * Confirms a claim's read: it cannot be repeated any more. The parts are destroyed if no reads and no other leases are left. Another
   * claim's lease that ended without acknowledgement is left to `endDue` or the sweep: a halt may have cut it off.
   */
  acknowledge(request: { readonly id: Id; readonly claim: Hash }): Promise<AcknowledgeAnswer>;

  /**
   * Destroys a secret and leaves a tombstone, or a reservation and leaves nothing (burned again, it is `not_found`). A secret that was
   * burned before: `burned`; ended otherwise: `gone`. While the last read's lease runs, a burn ends the lease and destroys the parts,
   * but the answer is `gone`, opened: somebody has read the secret.
   */
  burn(request: { readonly id: Id; readonly manage: Hash }): Promise<BurnAnswer>;

  /** Tells the state to a holder of the link or of the manage token. With `link`, a reservation is `not_found`. Changes nothing. */
  status(
    request: { readonly id: Id } & ({ readonly link: Hash } | { readonly manage: Hash }),
  ): Promise<StatusAnswer>;

  /**
   * Destroys at most `limit` records that were due when it was called: ended leases, expired secrets and reservations. The API calls it
   * every second, but not while the service is halted: only a sweep knows which leases a halt cut off. Returns how many records ended.
   * Redis ends the leases that this process gave out, and returns 0.
   */
  endDue(limit: number): Promise<number>;

  /**
   * How many seconds after its end a secret's sealed bytes may still lie in a file of the store. null: unknown, until a server rewrites
   * its files. The store cannot know what the file system or the medium keeps of overwritten blocks. The value may change.
   */
  readonly erasedWithinSeconds: number | null;

  /** Tries a small write. Returns false if it failed; never throws. */
  canWrite(): Promise<boolean>;
}
