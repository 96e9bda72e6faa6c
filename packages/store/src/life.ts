/**
 * The arithmetic of a secret's life that does not depend on where it is kept. Times and durations in milliseconds.
 * (protocol, sections 5 and 8)
 */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The slowest line that is waited for: 2 Mbit/s, in bytes per millisecond. */
export const SLOWEST_BYTES_PER_MS = 250;

/** How long a reservation waits for its deposit, without the time that its bytes take. */
export const DEPOSIT_MS = 600_000;

/** Wrong passphrases, the last of which destroys the secret. */
export const PASSPHRASE_ATTEMPTS = 10;

/** However often a lease is renewed, it ends this long after its claim was bound, without the time that the bytes take. */
export const LEASE_IN_ALL_MS = HOUR_MS;

/** Leases of one unlimited secret that may run at once. */
export const RUNNING_CLAIMS = 1_000;

/** How long a tombstone stays at least and at most, counted from the end. */
export const TOMBSTONE_MS = { min: DAY_MS, max: 31 * DAY_MS } as const;

/** What no verb ever writes more of: a record beyond it is broken. Times have 13 digits from 2001 to 2286. */
export const SANE_MOST = {
  time: 9_999_999_999_999,
  bytes: 2 ** 40,
  parts: 2 ** 16,
  reads: 1_000,
  lifetimeMs: 3_660 * DAY_MS,
  leaseMs: HOUR_MS,
} as const;

/** How many parts an envelope of `bytes` is deposited in; at least 1. */
export function partCount(bytes: number, partBytes: number): number {
  return Math.max(1, Math.ceil(bytes / partBytes));
}

/** The one length that part `part` can have; null when there is no such part. */
export function partLength(bytes: number, partBytes: number, part: number): number | null {
  const parts = partCount(bytes, partBytes);
  if (!Number.isInteger(part) || part < 0 || part >= parts) return null;
  return part < parts - 1 ? partBytes : bytes - partBytes * (parts - 1);
}

/** How long a reservation of so many bytes waits for them: ten minutes, and the time that they take at 2 Mbit/s. */
export function depositMs(bytes: number): number {
  return DEPOSIT_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS);
}

/** How long a lease of so many bytes can last in all: one hour, and the time that they take at 2 Mbit/s. */
export function leaseInAllMs(bytes: number): number {
  return LEASE_IN_ALL_MS + Math.ceil(bytes / SLOWEST_BYTES_PER_MS);
}

/** What decides over the leases of a secret. */
export interface LeaseTerms {
  readonly leaseMs: number;
  readonly bytes: number;
  readonly expiresAt: number;
}

/** Until when a claim bound at `boundAt` may repeat its read, when its lease begins or is renewed now. */
export function leaseEnd(now: number, boundAt: number, { leaseMs, bytes, expiresAt }: LeaseTerms): number {
  return Math.min(now + leaseMs, boundAt + leaseInAllMs(bytes), expiresAt);
}

/** When a tombstone is to be forgotten: at the original expiry, but at least 24 hours and at most 31 days after the end. */
export function tombstoneUntil(expiresAt: number, endedAt: number): number {
  return Math.min(Math.max(expiresAt, endedAt + TOMBSTONE_MS.min), endedAt + TOMBSTONE_MS.max);
}

/** A clock further than this behind the high-water mark is a fault: the store's time stands still until it has caught up. */
export const CLOCK_BEHIND_MS = 5_000;
