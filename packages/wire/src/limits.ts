/**
 * The protocol's ceilings: no operator's setting goes beyond them, and a client may rely on them.
 * Lifetimes in seconds, sizes in bytes. An operator's own limits are answered by `GET /api/v1/service`.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIFETIME_SECONDS = { min: 300, default: 86_400, max: 2_592_000 } as const;

/** Reads a sender may ask for; the alternative is the word `UNLIMITED_READS`. */
export const READS = { min: 1, default: 1, max: 100 } as const;
export const UNLIMITED_READS = "unlimited";

/** Wrong passphrases that a secret survives, plus one: the last of them destroys it. */
export const PASSPHRASE_ATTEMPTS = 10;

/** How long a reservation waits for its deposit, besides the time that its bytes take at `SLOWEST_BYTES_PER_SECOND`. */
export const DEPOSIT_SECONDS = 600;

/** Lease: how long a claim may repeat its read. 0 destroys in the very step that reads. */
export const LEASE_SECONDS = { min: 0, default: 60, max: 3600 } as const;

/**
 * However often a lease of a secret in several parts is renewed, it ends this long after the open, and the time that the envelope's
 * bytes take at `SLOWEST_BYTES_PER_SECOND`.
 */
export const LEASE_IN_ALL_SECONDS = 3600;

/** Leases of one secret with unlimited reads that may run at once; a further open is `unavailable`. */
export const RUNNING_LEASES_MAX = 1000;

/** 2 Mbit/s, the slowest line that reservations and leases wait for. */
export const SLOWEST_BYTES_PER_SECOND = 250_000;

export const PART_BYTES = { min: 64 * KIB, default: MIB, max: 8 * MIB } as const;
export const ENVELOPE_BYTES = { default: 64 * MIB, max: 1024 * MIB } as const;

/** How many parts an envelope can have: the longest one in the smallest parts. */
export const PARTS_MAX = ENVELOPE_BYTES.max / PART_BYTES.min;

/** Most runs of missing parts that an answer to a deposit names: so it stays small, whatever is missing. */
export const MISSING_RANGES_MAX = 1000;

/** Bytes of each binary value before base64url. A claim may be longer than its minimum, up to its maximum. */
export const ID_BYTES = 16;
export const PROOF_BYTES = 32;
export const CLAIM_BYTES = { min: 16, max: 64 } as const;

/** Largest JSON body of any route; envelopes are bounded by the part size instead. */
export const JSON_BODY_BYTES = 4 * KIB;
