import type { Removed, SweepOptions } from "../contract/maintenance.ts";
import { StoreUnavailable } from "../errors.ts";
import { addRemoved, nothingRemoved } from "../removed.ts";
import { isBroken, isOverdue } from "./audit.ts";
import type { Commits, Transaction } from "./commits.ts";
import { renewCutOff } from "./cut-off.ts";
import { destroyFirst, runAndDestroy } from "./deferred-deletions.ts";
import { depositedBytes, endIfDue, forget, forgetBroken } from "./end.ts";
import { haltedSince } from "./heartbeat.ts";
import { type ActiveRow, rows, type ScannedRow } from "./row.ts";

type PartRow = { part: number; bytes: number; known: 0 | 1 };
type Place = { secret: number; claim: Uint8Array };
type ClaimRow = Place & { known: 0 | 1 };

/**
 * One batch of a scan. `last`: nothing follows. `next`: where the next batch starts. `faults`: how many rows
 * were at fault. `renewed`: secrets renewed in a halt.
 */
interface Batch<Cursor> {
  readonly last: boolean;
  readonly faults: number;
  readonly next: Cursor;
  readonly renewed?: readonly number[];
}

/** One batch of due records: what was removed, and which secrets were renewed instead. */
interface DueBatch {
  readonly removed: Partial<Removed>;
  readonly renewed: readonly number[];
}

export interface Swept {
  readonly removed: Removed;
  /** Secrets that a halt had cut off, and that the sweep renewed. */
  readonly renewed: readonly number[];
}

/**
 * Ends at most `limit` secrets that were due at `asOf`, with at most `maxBytes` of parts, but at least one
 * secret. Returns their number. A secret that falls due while the call waits for the lock is left: a new halt
 * may have cut it off.
 */
export function endDue(transaction: Transaction, asOf: number, limit: number, maxBytes: number): number {
  let ended = 0;
  let bytes = 0;
  for (const row of rows(transaction.sql.dueSecrets, Math.min(asOf, transaction.now), limit) as ActiveRow[]) {
    bytes += depositedBytes(transaction, row);
    if (ended > 0 && bytes > maxBytes) break;
    if (endIfDue(transaction, row) !== null) ended += 1;
  }
  return ended;
}

/** How long the oldest due secret has been due, in milliseconds; 0 if none is due. */
export function overdueMs(transaction: Transaction): number {
  const oldest = transaction.sql.oldestDue.get(transaction.now) as { at: number } | undefined;
  return oldest === undefined ? 0 : transaction.now - oldest.at;
}

/**
 * Removes everything that is due, then reads everything and removes what is broken. Each batch is a
 * transaction of its own, so other callers run between two batches.
 */
export async function sweepRecords(commits: Commits, options: SweepOptions): Promise<Swept> {
  const removed = nothingRemoved();
  const renewed = new Set<number>();
  removed.orphans += await runAndDestroy(commits, removeUnreadable);
  for (const step of [sweepDue, sweepTombstones]) {
    for (;;) {
      refuseWhenAborted(options.signal);
      const part = await runAndDestroy(commits, (transaction) => step(transaction, options));
      if (!part) break;
      addRemoved(removed, part.removed);
      for (const secret of part.renewed) renewed.add(secret);
    }
  }
  removed.orphans += await scan(commits, options, null, renewed);
  return { removed, renewed: [...renewed] };
}

/**
 * Counts records, parts and claims that were overdue at `asOf` or are broken. Trusts no index and no due
 * time.
 */
export function countOverdue(commits: Commits, asOf: number, options: SweepOptions): Promise<number> {
  return scan(commits, options, asOf);
}

/** Removes rows whose keys no scan can read: one such row would fail every sweep. Returns their number. */
function removeUnreadable(transaction: Transaction): number {
  const { deleteUnreadableClaims, deleteUnreadableParts, deleteUnreadableSecrets } = transaction.sql;
  let removed = 0;
  // Claims reference secrets, so they go first.
  for (const statement of [deleteUnreadableClaims, deleteUnreadableParts, deleteUnreadableSecrets])
    removed += Number(statement.run().changes);
  if (removed > 0) transaction.changed = true;
  return removed;
}

function sweepDue(transaction: Transaction, { batch, maxAgeMs }: SweepOptions): DueBatch | null {
  const due = rows(transaction.sql.dueSecrets, transaction.now, batch) as ActiveRow[];
  if (due.length === 0) return null;
  const removed = nothingRemoved();
  const renewed: number[] = [];
  const since = haltedSince(transaction, maxAgeMs);
  for (const row of due) {
    if (since !== null && renewCutOff(transaction, row, since)) {
      renewed.push(row.secret);
      continue;
    }
    const kind = endIfDue(transaction, row);
    // Due by its index but not by its own times: the row is broken and blocks the rows behind it.
    if (kind === null) forget(transaction, row);
    removed[kind ?? "orphans"] += 1;
  }
  return { removed, renewed };
}

function sweepTombstones(transaction: Transaction, { batch }: SweepOptions): DueBatch | null {
  const due = rows(transaction.sql.dueTombstones, transaction.now, batch);
  for (const row of due) forget(transaction, row);
  return due.length === 0 ? null : { removed: { tombstones: due.length }, renewed: [] };
}

/**
 * Reads every record, part and claim in batches. Returns how many are broken or belong to no record. Removes
 * them, unless `asOf` is given: then nothing is changed, and what should have ended by `asOf` counts too. A
 * step may run twice (commits.ts), so it changes nothing outside its transaction.
 */
async function scan(
  commits: Commits,
  { batch, signal, maxAgeMs }: SweepOptions,
  asOf: number | null,
  cutOff: Set<number> = new Set(),
): Promise<number> {
  const remove = asOf === null;
  const run = async <Cursor>(
    first: Cursor,
    step: (transaction: Transaction, from: Cursor) => Batch<Cursor>,
  ): Promise<number> => {
    let faults = 0;
    for (let from = first; ; ) {
      refuseWhenAborted(signal);
      const done = await runAndDestroy(commits, (transaction) => {
        const found = step(transaction, from);
        if (remove && found.faults > 0) transaction.changed = true;
        return found;
      });
      faults += done.faults;
      for (const secret of done.renewed ?? []) cutOff.add(secret);
      if (done.last) return faults;
      from = done.next;
    }
  };
  const secrets = await run(0, (transaction, from) => {
    const found: ScannedRow[] = rows(transaction.sql.scanSecrets, from, batch);
    const faults = found.filter((row) => isBroken(transaction, row) || (!remove && isOverdue(row, asOf)));
    if (remove) for (const row of faults) forgetBroken(transaction, row.secret);
    const renewed: number[] = [];
    const since = remove ? haltedSince(transaction, maxAgeMs) : null;
    if (since !== null) {
      for (const row of found) {
        if (row.state === null || row.ended_at !== null || faults.includes(row)) continue;
        if (renewCutOff(transaction, row, since)) renewed.push(row.secret);
      }
    }
    return { last: found.length < batch, faults: faults.length, next: found.at(-1)?.secret ?? from, renewed };
  });
  const parts = await run(0, (transaction, from) => {
    const found = transaction.sql.scanParts.all(asOf ?? transaction.now, from, batch) as unknown as PartRow[];
    const faults = found.filter((row) => !row.known);
    const count = remove ? destroyFirst(transaction, faults) : faults.length;
    if (count < faults.length) return { last: false, faults: count, next: faults[count - 1]?.part ?? from };
    return { last: found.length < batch, faults: count, next: found.at(-1)?.part ?? from };
  });
  const claims = await run<Place>({ secret: 0, claim: new Uint8Array() }, (transaction, from) => {
    const found = transaction.sql.scanClaims.all(from.secret, from.claim, batch) as unknown as ClaimRow[];
    const faults = found.filter((row) => !row.known);
    if (remove) for (const { secret, claim } of faults) transaction.sql.deleteClaim.run(secret, claim);
    return { last: found.length < batch, faults: faults.length, next: found.at(-1) ?? from };
  });
  return secrets + parts + claims;
}

/** @throws StoreUnavailable `aborted` when the sweep was told to stop. */
function refuseWhenAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StoreUnavailable("aborted");
}
