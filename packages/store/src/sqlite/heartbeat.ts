import {
  type Heartbeat,
  type HeartbeatView,
  REMOVED_KINDS,
  type Removed,
  type SweepReport,
} from "../contract/maintenance.ts";
import type { Turn } from "./commits.ts";

type Row = Removed & {
  readonly run: string;
  readonly sequence: number;
  readonly started_at: number;
  readonly finished_at: number;
  readonly worker: string;
};

export function viewHeartbeat(turn: Turn): HeartbeatView {
  const row = readRow(turn);
  const storeId = readStoreId(turn);
  const { now, clockBehindMs, age } = turn;
  return { storeId, now, clockBehindMs, age, heartbeat: row && understand(row, storeId) };
}

/**
 * Since when the service is halted for want of a complete sweep; null while it is not, and where no sweep was ever recorded. Asked in each
 * transaction: another worker's sweep may have ended the halt meanwhile, and then leases end as always.
 */
export function haltedSince(turn: Turn, maxAgeMs: number | undefined): number | null {
  const { heartbeat } = viewHeartbeat(turn);
  if (maxAgeMs === undefined || heartbeat === null || heartbeat.startedAt > turn.now) return null;
  const since = heartbeat.startedAt + maxAgeMs;
  return turn.now >= since ? since : null;
}

/**
 * The sequence goes on even after a heartbeat that could not be understood, so that nobody sees it fall. A start that lies in the
 * future of now cannot have been recorded by this time's sweeps and is not kept: it would pass for a fresh one until then.
 */
export function recordSweep(turn: Turn, report: SweepReport): Heartbeat | null {
  const row = readRow(turn);
  const storeId = readStoreId(turn);
  const last = row && understand(row, storeId);
  if (last && row?.run === report.run) return last;
  const since = haltedSince(turn, report.maxAgeMs);
  if (since !== null && report.verification.startedAt < since) return null;
  const kept = last && last.startedAt <= turn.now ? last.startedAt : 0;
  const startedAt = Math.max(kept, report.verification.startedAt);
  const sequence = Math.max(0, row?.sequence ?? 0) + 1;
  const { removed, worker, run } = report;
  const counts = REMOVED_KINDS.map((kind) => removed[kind]);
  turn.sql.writeHeartbeat.run(run, sequence, startedAt, turn.now, worker, ...counts);
  turn.sql.clearFailedSweeps.run();
  turn.changed = true;
  return { storeId, sequence, startedAt, finishedAt: turn.now, removed, worker };
}

export function recordFailedSweep(turn: Turn, failure: { worker: string; reason: string }): void {
  turn.sql.addFailedSweep.run(failure.worker, failure.reason);
  turn.changed = true;
}

export function countFailedSweeps(turn: Turn): number {
  return (turn.sql.readStoreId.get() as { failed_sweeps: number }).failed_sweeps;
}

function readRow(turn: Turn): Row | null {
  return (turn.sql.readHeartbeat.get() as Row | undefined) ?? null;
}

function readStoreId(turn: Turn): string {
  return (turn.sql.readStoreId.get() as { id: string }).id;
}

/** null when the row says what no sweep can have recorded. */
function understand(row: Row, storeId: string): Heartbeat | null {
  const removed = Object.fromEntries(REMOVED_KINDS.map((kind) => [kind, row[kind]])) as Removed;
  const counts = [
    row.started_at,
    row.finished_at - row.started_at,
    row.sequence - 1,
    ...Object.values(removed),
  ];
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return null;
  const { sequence, started_at: startedAt, finished_at: finishedAt, worker } = row;
  return { storeId, sequence, startedAt, finishedAt, removed, worker };
}
