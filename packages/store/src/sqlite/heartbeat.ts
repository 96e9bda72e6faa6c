import {
  type Heartbeat,
  type HeartbeatView,
  REMOVED_KINDS,
  type Removed,
  type SweepReport,
} from "../contract/maintenance.ts";
import type { Transaction } from "./commits.ts";

type Row = Removed & {
  readonly run: string;
  readonly sequence: number;
  readonly started_at: number;
  readonly finished_at: number;
  readonly worker: string;
};

export function viewHeartbeat(transaction: Transaction): HeartbeatView {
  const row = readRow(transaction);
  const storeId = readStoreId(transaction);
  const { now, clockBehindMs, age } = transaction;
  return { storeId, now, clockBehindMs, age, heartbeat: row && parseHeartbeat(row, storeId) };
}

/**
 * When the service halted for want of a complete sweep. null: it is not halted, or no sweep was ever
 * recorded. Read in each transaction, because another worker's sweep may end the halt.
 */
export function haltedSince(transaction: Transaction, maxAgeMs: number | undefined): number | null {
  const { heartbeat } = viewHeartbeat(transaction);
  if (maxAgeMs === undefined || heartbeat === null || heartbeat.startedAt > transaction.now) return null;
  const since = heartbeat.startedAt + maxAgeMs;
  return transaction.now >= since ? since : null;
}

/**
 * null: a halt began during the sweep. The sequence continues even after an invalid heartbeat, so it never
 * falls. A start in the future is ignored: it would make the heartbeat look fresh for too long.
 */
export function recordSweep(transaction: Transaction, report: SweepReport): Heartbeat | null {
  const row = readRow(transaction);
  const storeId = readStoreId(transaction);
  const last = row && parseHeartbeat(row, storeId);
  if (last && row?.run === report.run) return last;
  const since = haltedSince(transaction, report.maxAgeMs);
  if (since !== null && report.verification.startedAt < since) return null;
  const lastStartedAt = last && last.startedAt <= transaction.now ? last.startedAt : 0;
  const startedAt = Math.max(lastStartedAt, report.verification.startedAt);
  const sequence = Math.max(0, row?.sequence ?? 0) + 1;
  const { removed, worker, run } = report;
  const counts = REMOVED_KINDS.map((kind) => removed[kind]);
  transaction.sql.writeHeartbeat.run(run, sequence, startedAt, transaction.now, worker, ...counts);
  transaction.sql.clearFailedSweeps.run();
  transaction.changed = true;
  return { storeId, sequence, startedAt, finishedAt: transaction.now, removed, worker };
}

export function recordFailedSweep(
  transaction: Transaction,
  failure: { worker: string; reason: string },
): void {
  transaction.sql.addFailedSweep.run(failure.worker, failure.reason);
  transaction.changed = true;
}

export function countFailedSweeps(transaction: Transaction): number {
  return (transaction.sql.readStoreId.get() as { failed_sweeps: number }).failed_sweeps;
}

function readRow(transaction: Transaction): Row | null {
  return (transaction.sql.readHeartbeat.get() as Row | undefined) ?? null;
}

function readStoreId(transaction: Transaction): string {
  return (transaction.sql.readStoreId.get() as { id: string }).id;
}

/** null if no sweep can have recorded this row. */
function parseHeartbeat(row: Row, storeId: string): Heartbeat | null {
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
