import type { Removed, SweepOptions } from "../contract.ts";
import { StoreUnavailable } from "../errors.ts";
import { isBroken, isOverdue } from "./audit.ts";
import type { Commits, Turn } from "./commits.ts";
import { endIfDue, forget } from "./end.ts";
import type { Kept, Row } from "./record.ts";

type Tally = { -readonly [kind in keyof Removed]: number };
type PartRow = { part: number; known: 0 | 1 };
type ClaimRow = { secret: number; claim: Uint8Array; known: 0 | 1 };

/** Ends at most `limit` secrets that are due; how many. */
export function endDue(turn: Turn, limit: number): number {
  const due = turn.sql.dueSecrets.all(turn.now, limit) as unknown as Kept[];
  return due.filter((row) => endIfDue(turn, row) !== null).length;
}

/**
 * Removes all that is due, then reads everything and removes what is broken. Each batch is a transaction of its own, and
 * other callers get their turn between two of them.
 */
export async function sweepRecords(commits: Commits, { batch, signal }: SweepOptions): Promise<Removed> {
  const removed: Tally = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };
  const add = (part: Partial<Tally>): void => {
    for (const kind of Object.keys(part) as (keyof Tally)[]) removed[kind] += part[kind] ?? 0;
  };
  const repeat = async (step: (turn: Turn) => Partial<Tally> | null): Promise<void> => {
    for (;;) {
      const part = await attend(commits, signal, step);
      if (!part) return;
      add(part);
    }
  };
  await repeat((turn) => sweepDue(turn, batch));
  await repeat((turn) => sweepTombstones(turn, batch));
  await scan(commits, { batch, ...(signal && { signal }) }, (turn, found) => {
    if (found.kind === "secret") forget(turn, found.row);
    else if (found.kind === "part") turn.sql.deletePart.run(found.part);
    else turn.sql.deleteClaim.run(found.secret, found.claim);
    turn.changed = true;
    removed.orphans += 1;
  });
  return removed;
}

/** How many things were overdue at `asOf` or are broken, and still there. Trusts no index and no due time. */
export async function countOverdue(commits: Commits, asOf: number, options: SweepOptions): Promise<number> {
  let count = 0;
  await scan(
    commits,
    options,
    () => {
      count += 1;
    },
    (row) => isOverdue(row, asOf),
  );
  return count;
}

function sweepDue(turn: Turn, batch: number): Partial<Tally> | null {
  const due = turn.sql.dueSecrets.all(turn.now, batch) as unknown as Kept[];
  if (due.length === 0) return null;
  const removed = { expired: 0, leases: 0, reservations: 0, orphans: 0 };
  for (const row of due) {
    const kind = endIfDue(turn, row);
    // Due by its index and not by its own times: broken, and in the way of the rest.
    if (kind === null) forget(turn, row);
    removed[kind ?? "orphans"] += 1;
  }
  return removed;
}

function sweepTombstones(turn: Turn, batch: number): Partial<Tally> | null {
  const due = turn.sql.dueTombstones.all(turn.now, batch) as unknown as Row[];
  for (const row of due) forget(turn, row);
  return due.length === 0 ? null : { tombstones: due.length };
}

type Fault =
  | { readonly kind: "secret"; readonly row: Row }
  | { readonly kind: "part"; readonly part: number }
  | { readonly kind: "claim"; readonly secret: number; readonly claim: Uint8Array };

/** Reads every record, part and claim in batches, and hands over what is broken, belongs to nothing, or is `also` asked for. */
async function scan(
  commits: Commits,
  { batch, signal }: SweepOptions,
  act: (turn: Turn, fault: Fault) => void,
  also: (row: Row) => boolean = () => false,
): Promise<void> {
  let secret = 0;
  let part = 0;
  let claim: readonly [number, Uint8Array] = [0, new Uint8Array()];
  const secrets = (turn: Turn): number => {
    const rows = turn.sql.scanSecrets.all(secret, batch) as unknown as Row[];
    for (const row of rows) if (isBroken(turn, row) || also(row)) act(turn, { kind: "secret", row });
    secret = rows.at(-1)?.secret ?? secret;
    return rows.length;
  };
  const parts = (turn: Turn): number => {
    const rows = turn.sql.scanParts.all(part, batch) as unknown as PartRow[];
    for (const row of rows) if (!row.known) act(turn, { kind: "part", part: row.part });
    part = rows.at(-1)?.part ?? part;
    return rows.length;
  };
  const claims = (turn: Turn): number => {
    const rows = turn.sql.scanClaims.all(...claim, batch) as unknown as ClaimRow[];
    for (const row of rows)
      if (!row.known) act(turn, { kind: "claim", secret: row.secret, claim: row.claim });
    const last = rows.at(-1);
    if (last) claim = [last.secret, last.claim];
    return rows.length;
  };
  for (const step of [secrets, parts, claims]) {
    while ((await attend(commits, signal, step)) === batch);
  }
}

/** @throws StoreUnavailable `aborted` when the sweep was told to stop. */
function attend<Answer>(
  commits: Commits,
  signal: AbortSignal | undefined,
  step: (turn: Turn) => Answer,
): Promise<Answer> {
  if (signal?.aborted) return Promise.reject(new StoreUnavailable("aborted"));
  return commits.run(step);
}
