/**
 * The protocol's limits. No operator's setting exceeds them, so a client may rely on them. Times are in
 * seconds, lengths in bytes. `GET /api/v1/service` tells a service's own limits.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

export const LIFETIME_SECONDS = { min: 300, default: 86_400, max: 2_592_000 } as const;

/** The number of reads that a sender may choose, unless `UNLIMITED_READS`. */
export const READS = { min: 1, default: 1, max: 100 } as const;
export const UNLIMITED_READS = "unlimited";

/** Wrong passphrases until the secret is destroyed, including the one that destroys it. */
export const PASSPHRASE_ATTEMPTS = 10;

/**
 * How long a reservation waits for its deposit, plus the time that its bytes take at
 * `SLOWEST_BYTES_PER_SECOND`.
 */
export const DEPOSIT_SECONDS = 600;

/** How long a claim may repeat its read. With 0 the open itself destroys the envelope. */
export const LEASE_SECONDS = { min: 0, default: 60, max: 3600 } as const;

/**
 * The longest time from an open to the end of its lease, however often the lease is renewed; plus the time
 * that the envelope takes at `SLOWEST_BYTES_PER_SECOND`.
 */
export const LEASE_IN_ALL_SECONDS = 3600;

/** The most running leases of one secret with unlimited reads. A further open is `unavailable`. */
export const RUNNING_LEASES_MAX = 1000;

/** 2 Mbit/s, the slowest line that reservations and leases wait for. */
export const SLOWEST_BYTES_PER_SECOND = 250_000;

export const PART_BYTES = { min: 64 * KIB, default: MIB, max: 8 * MIB } as const;
export const ENVELOPE_BYTES = { default: 64 * MIB, max: 1024 * MIB } as const;

/** The most parts of an envelope: the longest envelope in the smallest parts. */
export const PARTS_MAX = ENVELOPE_BYTES.max / PART_BYTES.min;

/** The most runs of missing parts in one answer to a deposit, which keeps the answer small. */
export const MISSING_RANGES_MAX = 1000;

/** Lengths of binary values in bytes, before base64url. */
export const ID_BYTES = 16;
export const PROOF_BYTES = 32;
export const CLAIM_BYTES = { min: 16, max: 64 } as const;

/** The longest JSON body of a request. The part size limits envelopes instead. */
export const JSON_BODY_BYTES = 4 * KIB;
