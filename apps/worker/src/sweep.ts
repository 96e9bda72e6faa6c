/** One sweep of the store, from its start to its heartbeat: removed, verified, and only then recorded. */
import { randomUUID } from "node:crypto";
import { type Store, StoreUnavailable } from "@mayfly/store";

/**
 * Why a sweep did not count: something overdue was still there, the store is not as declared, the store's own reason
 * (`store_timeout`, `store_read_only`, …), or an error that no one foresaw.
 */
export type SweepFailure = "overdue" | "rules" | `store_${StoreUnavailable["reason"]}` | "unforeseen";

export type SweepOutcome =
  | { readonly outcome: "complete"; readonly sequence: number; readonly removed: number }
  /** `notes`: the store's own sentences about what is not as declared; of an unforeseen error, its class. */
  | {
      readonly outcome: "failed";
      readonly code: SweepFailure;
      readonly overdue: number;
      readonly notes: readonly string[];
    }
  /** Told to stop: neither a heartbeat nor a failure. */
  | { readonly outcome: "aborted" };

export interface SweepRequest {
  readonly store: Store;
  readonly batch: number;
  /** The service halts when the last complete sweep began longer ago. */
  readonly maxAgeMs: number;
  /** The worker's name, as the heartbeat will carry it. */
  readonly worker: string;
  readonly signal: AbortSignal;
}

/** Sweeps, verifies and records. Never throws; a failure is recorded in the store as far as the store can still be written. */
export async function sweepOnce(request: SweepRequest): Promise<SweepOutcome> {
  const outcome = await attempt(request);
  if (outcome.outcome !== "failed") return outcome;
  try {
    await request.store.recordFailedSweep({ worker: request.worker, reason: outcome.code });
  } catch {
    // The store that cannot be swept often cannot be written either. The missing heartbeat says it all.
  }
  return outcome;
}

async function attempt(request: SweepRequest): Promise<SweepOutcome> {
  const { store, batch, maxAgeMs, worker, signal } = request;
  try {
    // The store's time from before the sweep: whatever falls due while it runs is the next sweep's.
    const startedAt = await store.now();
    const removed = await store.sweep({ batch, signal, maxAgeMs });
    const found = await store.overdue(startedAt, { batch, signal });
    if (found.outcome === "overdue")
      return { outcome: "failed", code: "overdue", overdue: found.count, notes: [] };
    const notes = await store.ruleFaults();
    if (notes.length > 0) return { outcome: "failed", code: "rules", overdue: 0, notes };
    if (signal.aborted) return { outcome: "aborted" };
    const heartbeat = await store.recordSweep({
      verification: found.verification,
      removed,
      worker,
      run: randomUUID(),
      maxAgeMs,
    });
    // A halt began while this sweep ran. The next one knows.
    if (heartbeat === null) return await attempt(request);
    const count = Object.values(removed).reduce((sum: number, kind: number) => sum + kind, 0);
    return { outcome: "complete", sequence: heartbeat.sequence, removed: count };
  } catch (error) {
    if (signal.aborted) return { outcome: "aborted" };
    if (error instanceof StoreUnavailable)
      return { outcome: "failed", code: `store_${error.reason}`, overdue: 0, notes: [] };
    return { outcome: "failed", code: "unforeseen", overdue: 0, notes: [classOf(error)] };
  }
}

/** A message or stack could hold values of the store; the class cannot. */
function classOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
