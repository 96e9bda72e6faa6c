/** The counts that API processes share for their rate limits and quotas. */

/** An amount to add to the total of a bucket. */
export interface Amount {
  /** A keyed hash, never an address. */
  readonly bucket: string;
  readonly windowMs: number;
  /** Negative: given back. 0: only asks. */
  readonly amount: number;
}

export interface Total {
  readonly total: number;
  /** The window, and with it the total, ends in this many milliseconds. */
  readonly resetMs: number;
}

/** What the limiter may do. */
export interface RateLimits {
  /**
   * Adds each amount to the total of its bucket, and returns the totals in the order of the amounts. A bucket's window is fixed: it
   * begins with the first amount, and nothing outlives it. No total falls below 0. Not idempotent: a retry adds twice. Throws
   * `StoreUnavailable`.
   */
  take(amounts: readonly Amount[]): Promise<readonly Total[]>;
}
