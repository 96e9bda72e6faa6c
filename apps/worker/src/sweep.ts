/** One sweep of the store: remove, verify, and only then record the heartbeat. */
import { randomUUID } from "node:crypto";
import { type Maintenance, StoreUnavailable } from "@mayfly/store";

/**
 * Why a sweep failed.
 * - `overdue`: the verification found records that should have ended.
 * - `rules`: the store's settings are not the declared ones.
 * - `store_…`: the store refused a step. The reason follows, such as `store_timeout`.
 * - `unforeseen`: any other error.
 */
export type SweepFailure = "overdue" | "rules" | `store_${StoreUnavailable["reason"]}` | "unforeseen";

export type SweepOutcome =
  | { readonly outcome: "complete"; readonly sequence: number; readonly removed: number }
  /** `notes`: the store's sentences about what is not as declared, or the class of an unforeseen error. */
  | {
      readonly outcome: "failed";
      readonly code: SweepFailure;
      readonly overdue: number;
      readonly notes: readonly string[];
    }
  /** Told to stop. Neither a heartbeat nor a failure is recorded. */
  | { readonly outcome: "aborted" };

interface SweepRequest {
  readonly store: Maintenance;
  readonly batch: number;
  /** The service halts once the start of the last complete sweep is longer ago. */
  readonly maxAgeMs: number;
  /** The worker's name, as the heartbeat will carry it. */
  readonly worker: string;
  readonly signal: AbortSignal;
}

/** Sweeps, verifies and records. Never throws. A failure is recorded too, if the store can be written. */
export async function sweepOnce(request: SweepRequest): Promise<SweepOutcome> {
  const outcome = await attempt(request);
  if (outcome.outcome !== "failed") return outcome;
  try {
    await request.store.recordFailedSweep({ worker: request.worker, reason: outcome.code });
  } catch {
    // A store that cannot be swept often cannot be written either. The heartbeat grows old, which halts the service.
  }
  return outcome;
}

async function attempt(request: SweepRequest): Promise<SweepOutcome> {
  const { store, batch, maxAgeMs, worker, signal } = request;
  try {
    // Taken before the sweep: what falls due while it runs is left to the next one.
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
    // A halt began while this sweep ran. A new sweep sees it.
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

/** The class alone: a message or a stack may hold values of the store. */
function classOf(error: unknown): string {
  return error instanceof Error ? error.constructor.name : typeof error;
}
