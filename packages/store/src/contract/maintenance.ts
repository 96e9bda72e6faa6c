/** How the worker cleans up, and how its heartbeat is recorded and watched. Methods throw `StoreUnavailable` (errors.ts). */

/** What a sweep removes, by kind. */
export const REMOVED_KINDS = ["expired", "leases", "reservations", "tombstones", "orphans"] as const;
export type RemovedKind = (typeof REMOVED_KINDS)[number];

/**
 * How many of each kind a sweep removed.
 * - `expired`: envelopes past their expiry. Each left a tombstone.
 * - `leases`: envelopes whose last lease had ended. Each left a tombstone.
 * - `reservations`: reservations that were never completed. They leave nothing.
 * - `tombstones`: tombstones past their time.
 * - `orphans`: parts without a record, broken records, records with broken parts, and claims that cannot be parsed.
 */
export type Removed = { readonly [kind in RemovedKind]: number };

export interface SweepOptions {
  /** Records per atomic step. Other callers get their turn between the steps. */
  readonly batch: number;
  readonly signal?: AbortSignal;
  /**
   * The service halts once the start of the last recorded sweep is this long ago. Left out: it never halts. Each step of a sweep
   * compares with the heartbeat of that moment: a halt may begin during a sweep, and another worker's sweep may end it.
   * During a halt the sweep ends nothing that was running when the halt began. Reservations, and leases that are not acknowledged,
   * start anew. A lease still ends with the secret's expiry; its hour in all starts anew, since the halt took the time.
   */
  readonly maxAgeMs?: number;
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
   * How many milliseconds the clock is behind the high-water mark; 0 if it leads. The store's time stands still meanwhile and nothing
   * expires: beyond a few seconds the service must halt, and no sweep can be verified.
   */
  readonly clockBehindMs: number;
  /** Rises with every change; on Redis Cluster the sum of the ages of all primaries. A store that was put back is younger than remembered. */
  readonly age: number;
  /** null: never recorded, or the record cannot be parsed. */
  readonly heartbeat: Heartbeat | null;
}

/** Proof that a whole sweep left nothing overdue. Only `overdue` makes one, and only its own store takes it. */
export class Verification {
  /** The sweep's start, in the store's time. */
  readonly startedAt: number;
  /** What the store had verified; undefined where that cannot have changed since. Throws `StoreUnavailable` if it has. */
  readonly #subject: (() => string) | undefined;

  constructor(startedAt: number, subject?: () => string) {
    this.startedAt = startedAt;
    this.#subject = subject;
  }

  get subject(): string | undefined {
    return this.#subject?.();
  }
}

export type OverdueAnswer =
  | { readonly outcome: "verified"; readonly verification: Verification }
  /** So many records and parts were overdue or broken. */
  | { readonly outcome: "overdue"; readonly count: number };

/** A complete sweep. */
export interface SweepReport {
  readonly verification: Verification;
  readonly removed: Removed;
  readonly worker: string;
  /** Unique to this sweep: recording it again changes nothing. */
  readonly run: string;
  /** As the sweep was given it. */
  readonly maxAgeMs?: number;
}

/** A sentence about one thing that is not as declared, without any secret value. */
export type RuleFault = string;

/** Reading the heartbeat: what the API's guard and metrics may do. */
export interface Watch {
  heartbeat(): Promise<HeartbeatView>;

  /** Failed sweeps since the last complete one. */
  failedSweeps(): Promise<number>;
}

/** What the worker may do. */
export interface Maintenance extends Watch {
  /** The store's time. Persists the high-water mark. */
  now(): Promise<number>;

  /** One whole sweep, in batches: removes everything that is overdue or broken. Throws if it was aborted or any step failed. */
  sweep(options: SweepOptions): Promise<Removed>;

  /** Reads everything, in batches, for what was overdue at `startedAt` (`now` before the sweep) or is broken. Changes nothing. */
  overdue(startedAt: number, options: SweepOptions): Promise<OverdueAnswer>;

  /** Checks that the store still is as declared: persistence, eviction, secure deletion. Empty if all is well. */
  ruleFaults(): Promise<readonly RuleFault[]>;

  /**
   * Records a complete sweep. What the sweep started anew in a halt that still lasts starts anew once more first, so a long sweep takes
   * none of its time. Of two workers' sweeps the later start counts. The sequence rises by one for each run.
   * null: a halt began during the sweep, which may have passed a record before the halt cut its lease off. Nothing is recorded: sweep
   * again.
   */
  recordSweep(report: SweepReport): Promise<Heartbeat | null>;

  /** Records that a sweep failed. Never touches the heartbeat. `reason`: a short code, never a driver's text. */
  recordFailedSweep(failure: { readonly worker: string; readonly reason: string }): Promise<void>;
}
