/** The times of a secret's life, the same in every store. Times and durations are in milliseconds. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The slowest connection that is waited for: 2 Mbit/s, in bytes per millisecond. */
export const SLOWEST_BYTES_PER_MS = 250;

/** How long a reservation waits for its deposit, plus the time that its bytes take. */
export const DEPOSIT_MS = 600_000;

/** Wrong passphrases that a secret allows; the last one destroys it. */
export const PASSPHRASE_ATTEMPTS = 10;

/**
 * The most time from a claim's binding to the end of its lease, renewals included, plus the time that the
 * bytes take.
 */
export const LEASE_IN_ALL_MS = HOUR_MS;

/** Leases of one unlimited secret that may run at once. */
export const RUNNING_CLAIMS = 1_000;

/** The least and the most time that a tombstone stays, counted from the end. */
export const TOMBSTONE_MS = { min: DAY_MS, max: 31 * DAY_MS } as const;

/**
 * Upper bounds of what a verb writes: a record beyond them is broken. Times have 13 digits from 2001 to 2286.
 */
export const SANE_MOST = {
  time: 9_999_999_999_999,
  bytes: 2 ** 40,
  parts: 2 ** 16,
  reads: 1_000,
  lifetimeMs: 3_660 * DAY_MS,
  leaseMs: HOUR_MS,
} as const;

/** How many parts an envelope of `bytes` has; at least 1. */
export function partCount(bytes: number, partBytes: number): number {
  return Math.max(1, Math.ceil(bytes / partBytes));
}

/** The required length of part `part`; null if there is no such part. */
export function partLength(bytes: number, partBytes: number, part: number): number | null {
  const parts = partCount(bytes, partBytes);
  if (!Number.isInteger(part) || part < 0 || part >= parts) return null;
  return part < parts - 1 ? partBytes : bytes - partBytes * (parts - 1);
}

/** How long a reservation of so many bytes waits: ten minutes, plus the time that they take at 2 Mbit/s. */
export function depositMs(bytes: number): number {
  return DEPOSIT_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS);
}

/** The longest total lease of so many bytes: one hour, plus the time that they take at 2 Mbit/s. */
export function leaseInAllMs(bytes: number): number {
  return LEASE_IN_ALL_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS);
}

/** What bounds a secret's leases. */
export interface LeaseTerms {
  readonly leaseMs: number;
  readonly bytes: number;
  readonly expiresAt: number;
}

/** When a lease ends that begins or is renewed at `now`, for a claim bound at `boundAt`. */
export function leaseEnd(now: number, boundAt: number, { leaseMs, bytes, expiresAt }: LeaseTerms): number {
  return Math.min(now + leaseMs, boundAt + leaseInAllMs(bytes), expiresAt);
}

/** When a tombstone is deleted: at the original expiry, but 24 hours to 31 days after the end. */
export function tombstoneUntil(expiresAt: number, endedAt: number): number {
  return Math.min(Math.max(expiresAt, endedAt + TOMBSTONE_MS.min), endedAt + TOMBSTONE_MS.max);
}

/**
 * A clock further behind the high-water mark is a fault: the store's time stands still until the clock has
 * caught up.
 */
export const CLOCK_BEHIND_MS = 5_000;
