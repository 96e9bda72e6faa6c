import type { Removed, RemovedKind, SweepOptions } from "../contract/maintenance.ts";
import type { Id } from "../contract/secrets.ts";
import { StoreUnavailable } from "../errors.ts";
import { addRemoved, countRemoved, nothingRemoved, type RemovedSoFar } from "../removed.ts";
import { type Answer, count, word } from "./answer.ts";
import { FIND_IN_PART, FIND_IN_RECORD, REPAIR_PART } from "./audit.ts";
import type { Connection } from "./connection.ts";
import type { RecordRepair } from "./cut-off.ts";
import { EVERY_KEY, partKey, recordKey, secretOf } from "./keys.ts";

/** What a walk found: the counts by kind, and the secrets that were renewed. */
interface Walk {
  readonly removed: RemovedSoFar;
  readonly renewed: Set<Id>;
}

/** The result for one key. */
interface Inspection {
  readonly kind: RemovedKind | null;
  readonly renewed: Id | null;
}

/** Inspects one secret's record, or one of its parts. */
interface Inspector {
  record(node: Connection, id: Id): Promise<Inspection>;
  part(node: Connection, id: Id, part: number): Promise<Inspection>;
}

export interface Swept {
  readonly removed: Removed;
  /** The secrets that were renewed in a halt. */
  readonly renewed: readonly Id[];
}

/**
 * Removes or repairs everything that is due or broken. Reading the keys also makes Redis drop expired ones.
 * Parts of a record too broken to name them are removed by a second walk.
 */
export async function sweep(
  nodes: readonly Connection[],
  options: SweepOptions,
  repair: RecordRepair,
): Promise<Swept> {
  const inspector: Inspector = {
    record: async (node, id) => {
      const answer = await repair.record(node, id);
      return { kind: kindIn(answer), renewed: count(answer, 2) === 1 ? id : null };
    },
    part: async (node, id, part) => {
      const answer = await node.execute(REPAIR_PART, [recordKey(id), partKey(id, part)], [part]);
      return { kind: kindIn(answer), renewed: null };
    },
  };
  const repairAll = () =>
    walk(nodes, inspector, options, async () => {
      await repair.refreshHalt();
    });
  const { removed, renewed } = await repairAll();
  if (removed.orphans > 0) {
    const second = await repairAll();
    addRemoved(removed, second.removed);
    for (const id of second.renewed) renewed.add(id);
  }
  return { removed, renewed: [...renewed] };
}

/** Counts records and parts that were due at `asOf`, or are broken, and still exist. */
export async function overdue(
  nodes: readonly Connection[],
  asOf: number,
  options: SweepOptions,
): Promise<number> {
  const inspector: Inspector = {
    record: async (node, id) => ({
      kind: kindIn(await node.execute(FIND_IN_RECORD, [recordKey(id)], [asOf])),
      renewed: null,
    }),
    part: async (node, id, part) => ({
      kind: kindIn(await node.execute(FIND_IN_PART, [recordKey(id), partKey(id, part)], [part])),
      renewed: null,
    }),
  };
  const { removed } = await walk(nodes, inspector, options);
  return countRemoved(removed);
}

/**
 * Scans each node's keys: there is no list of all secrets. A cursor is invalid after a restart of its server,
 * so such a walk is incomplete and throws. `before` is awaited before each page.
 */
async function walk(
  nodes: readonly Connection[],
  inspector: Inspector,
  { batch, signal }: SweepOptions,
  before: () => Promise<void> = async () => {},
): Promise<Walk> {
  const removed = nothingRemoved();
  const renewed = new Set<Id>();
  for (const node of nodes) {
    const run = node.run?.id;
    let cursor = "0";
    do {
      if (signal?.aborted) throw new StoreUnavailable("aborted");
      // A `discard` begins an epoch meanwhile: with the old binding, a sweep would remove new records.
      await node.join();
      await before();
      const page = (await node.command("SCAN", cursor, "MATCH", EVERY_KEY, "COUNT", batch)) as [
        string,
        string[],
      ];
      cursor = page[0];
      for (const found of await Promise.all(page[1].map((key) => inspect(node, inspector, key)))) {
        if (found?.kind) removed[found.kind] += 1;
        if (found?.renewed) renewed.add(found.renewed);
      }
    } while (cursor !== "0");
    if (run === undefined || node.run?.id !== run) throw new StoreUnavailable("connection");
  }
  return { removed, renewed };
}

async function inspect(node: Connection, inspector: Inspector, key: string): Promise<Inspection | null> {
  const secret = secretOf(key);
  if (secret === null || secret.id === "maintenance") return null;
  const { id, part } = secret;
  return part === null ? inspector.record(node, id) : inspector.part(node, id, part);
}

function kindIn(answer: Answer): RemovedKind | null {
  const kind = word(answer, 1);
  return kind === "" ? null : (kind as RemovedKind);
}
