import type { Removed, SweepOptions } from "../contract/maintenance.ts";
import { StoreUnavailable } from "../errors.ts";
import { addRemoved, nothingRemoved } from "../removed.ts";
import { isBroken, isOverdue } from "./audit.ts";
import type { Commits, Turn } from "./commits.ts";
import { renewCutOff } from "./cut-off.ts";
import { depositedBytes, endIfDue, forget, forgetBroken } from "./end.ts";
import { haltedSince } from "./heartbeat.ts";
import { destroyFirst, runEnding } from "./remains.ts";
import { type Kept, rows, type Scanned } from "./row.ts";

type PartRow = { part: number; bytes: number; known: 0 | 1 };
type Place = { secret: number; claim: Uint8Array };
type ClaimRow = Place & { known: 0 | 1 };

/**
 * One batch of a scan: whether nothing comes after it, where the next starts, how many of what it read were at fault, and what it gave its
 * time anew.
 */
interface Batch<Cursor> {
  readonly last: boolean;
  readonly faults: number;
  readonly next: Cursor;
  readonly renewed?: readonly number[];
}

/** One batch of what is due: what was removed, and what was given its time anew instead. */
interface DueBatch {
  readonly removed: Partial<Removed>;
  readonly renewed: readonly number[];
}

export interface Swept {
  readonly removed: Removed;
  /** What a halt had cut off, and was given its time anew. */
  readonly renewed: readonly number[];
}

/**
 * Ends at most `limit` secrets that were due at `asOf`, and no more than have `room` bytes, but one; how many. What falls due while the
 * call waits for the lock may be cut off by a halt that begins meanwhile.
 */
export function endDue(turn: Turn, asOf: number, limit: number, room: number): number {
  let ended = 0;
  let bytes = 0;
  for (const row of rows(turn.sql.dueSecrets, Math.min(asOf, turn.now), limit) as Kept[]) {
    bytes += depositedBytes(turn, row);
    if (ended > 0 && bytes > room) break;
    if (endIfDue(turn, row) !== null) ended += 1;
  }
  return ended;
}

/** For how long the oldest secret that is due has been waiting for its end, in milliseconds; 0 when none is due. */
export function overdueMs(turn: Turn): number {
  const oldest = turn.sql.oldestDue.get(turn.now) as { at: number } | undefined;
  return oldest === undefined ? 0 : turn.now - oldest.at;
}

/**
 * Removes all that is due, then reads everything and removes what is broken. Each batch is a transaction of its own, and
 * other callers get their turn between two of them.
 */
export async function sweepRecords(commits: Commits, options: SweepOptions): Promise<Swept> {
  const removed = nothingRemoved();
  const renewed = new Set<number>();
  removed.orphans += await runEnding(commits, removeUnreadable);
  for (const step of [sweepDue, sweepTombstones]) {
    for (;;) {
      refuseWhenAborted(options.signal);
      const part = await runEnding(commits, (turn) => step(turn, options));
      if (!part) break;
      addRemoved(removed, part.removed);
      for (const secret of part.renewed) renewed.add(secret);
    }
  }
  removed.orphans += await scan(commits, options, null, renewed);
  return { removed, renewed: [...renewed] };
}

/** How many things were overdue at `asOf` or are broken, and still there. Trusts no index and no due time. */
export function countOverdue(commits: Commits, asOf: number, options: SweepOptions): Promise<number> {
  return scan(commits, options, asOf);
}

/** Removes rows whose keys no scan could read or would reach: one of them would fail every sweep. How many. */
function removeUnreadable(turn: Turn): number {
  const { deleteUnreadableClaims, deleteUnreadableParts, deleteUnreadableSecrets } = turn.sql;
  let removed = 0;
  // Claims refer to secrets, so they go first.
  for (const statement of [deleteUnreadableClaims, deleteUnreadableParts, deleteUnreadableSecrets])
    removed += Number(statement.run().changes);
  if (removed > 0) turn.changed = true;
  return removed;
}

function sweepDue(turn: Turn, { batch, maxAgeMs }: SweepOptions): DueBatch | null {
  const due = rows(turn.sql.dueSecrets, turn.now, batch) as Kept[];
  if (due.length === 0) return null;
  const removed = nothingRemoved();
  const renewed: number[] = [];
  const since = haltedSince(turn, maxAgeMs);
  for (const row of due) {
    if (since !== null && renewCutOff(turn, row, since)) {
      renewed.push(row.secret);
      continue;
    }
    const kind = endIfDue(turn, row);
    // Due by its index and not by its own times: broken, and in the way of the rest.
    if (kind === null) forget(turn, row);
    removed[kind ?? "orphans"] += 1;
  }
  return { removed, renewed };
}

function sweepTombstones(turn: Turn, { batch }: SweepOptions): DueBatch | null {
  const due = rows(turn.sql.dueTombstones, turn.now, batch);
  for (const row of due) forget(turn, row);
  return due.length === 0 ? null : { removed: { tombstones: due.length }, renewed: [] };
}

/**
 * Reads every record, part and claim in batches; how many of them are broken or belong to nothing. Those are removed, unless
 * `asOf` is given: then what should have ended by that time counts too, and all stays as it is. A step may run twice (see commits.ts), so that it keeps nothing outside of its transaction.
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
    step: (turn: Turn, from: Cursor) => Batch<Cursor>,
  ): Promise<number> => {
    let faults = 0;
    for (let from = first; ; ) {
      refuseWhenAborted(signal);
      const done = await runEnding(commits, (turn) => {
        const found = step(turn, from);
        if (remove && found.faults > 0) turn.changed = true;
        return found;
      });
      faults += done.faults;
      for (const secret of done.renewed ?? []) cutOff.add(secret);
      if (done.last) return faults;
      from = done.next;
    }
  };
  const secrets = await run(0, (turn, from) => {
    const found: Scanned[] = rows(turn.sql.scanSecrets, from, batch);
    const faults = found.filter((row) => isBroken(turn, row) || (!remove && isOverdue(row, asOf)));
    if (remove) for (const row of faults) forgetBroken(turn, row.secret);
    const renewed: number[] = [];
    const since = remove ? haltedSince(turn, maxAgeMs) : null;
    if (since !== null) {
      for (const row of found) {
        if (row.state === null || row.ended_at !== null || faults.includes(row)) continue;
        if (renewCutOff(turn, row, since)) renewed.push(row.secret);
      }
    }
    return { last: found.length < batch, faults: faults.length, next: found.at(-1)?.secret ?? from, renewed };
  });
  const parts = await run(0, (turn, from) => {
    const found = turn.sql.scanParts.all(asOf ?? turn.now, from, batch) as unknown as PartRow[];
    const faults = found.filter((row) => !row.known);
    const count = remove ? destroyFirst(turn, faults) : faults.length;
    if (count < faults.length) return { last: false, faults: count, next: faults[count - 1]?.part ?? from };
    return { last: found.length < batch, faults: count, next: found.at(-1)?.part ?? from };
  });
  const claims = await run<Place>({ secret: 0, claim: new Uint8Array() }, (turn, from) => {
    const found = turn.sql.scanClaims.all(from.secret, from.claim, batch) as unknown as ClaimRow[];
    const faults = found.filter((row) => !row.known);
    if (remove) for (const { secret, claim } of faults) turn.sql.deleteClaim.run(secret, claim);
    return { last: found.length < batch, faults: faults.length, next: found.at(-1) ?? from };
  });
  return secrets + parts + claims;
}

/** @throws StoreUnavailable `aborted` when the sweep was told to stop. */
function refuseWhenAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new StoreUnavailable("aborted");
}
