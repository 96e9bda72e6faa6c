import { REMOVED_KINDS, type Removed, type RemovedKind } from "./contract/maintenance.ts";

/** Running totals of a sweep, by kind. */
export type RemovedSoFar = { -readonly [kind in RemovedKind]: number };

export function nothingRemoved(): RemovedSoFar {
  return { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };
}

export function addRemoved(to: RemovedSoFar, more: Partial<Removed>): void {
  for (const kind of REMOVED_KINDS) to[kind] += more[kind] ?? 0;
}

/** The total of all kinds. */
export function countRemoved(removed: Removed): number {
  return REMOVED_KINDS.reduce((sum, kind) => sum + removed[kind], 0);
}
