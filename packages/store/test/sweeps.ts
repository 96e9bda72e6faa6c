import { Verification } from "../src/contract/maintenance.ts";
import type { Heartbeat, Maintenance, SweepOptions, SweepReport } from "../src/index.ts";

/** How many records and parts are overdue at `startedAt` or broken. */
export async function countOverdue(
  store: Maintenance,
  startedAt: number,
  options: SweepOptions,
): Promise<number> {
  const found = await store.overdue(startedAt, options);
  return found.outcome === "verified" ? 0 : found.count;
}

/** Throws where something was overdue at `startedAt` or is broken. */
export async function verify(store: Maintenance, startedAt: number): Promise<Verification> {
  const found = await store.overdue(startedAt, { batch: 100 });
  if (found.outcome === "overdue") throw new Error(`${found.count} overdue at ${startedAt}`);
  return found.verification;
}

/** Records a sweep that began at `startedAt`, as if it had been verified. */
export async function recordSweep(
  store: Maintenance,
  { startedAt, ...report }: Omit<SweepReport, "verification"> & { readonly startedAt: number },
): Promise<Heartbeat | null> {
  return store.recordSweep({ ...report, verification: new Verification(startedAt) });
}
