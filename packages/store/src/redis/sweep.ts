import type { Removed, RemovedKind, SweepOptions } from "../contract/maintenance.ts";
import type { Id } from "../contract/secrets.ts";
import { StoreUnavailable } from "../errors.ts";
import { addRemoved, countRemoved, nothingRemoved, type RemovedSoFar } from "../removed.ts";
import { type Answer, count, word } from "./answer.ts";
import { FIND_IN_PART, FIND_IN_RECORD, MEND_PART } from "./audit.ts";
import type { Connection } from "./connection.ts";
import type { Mending } from "./cut-off.ts";
import { EVERY_KEY, partKey, recordKey, secretOf } from "./keys.ts";

/** What a walk found: how many of each kind, and the secrets of which something was given its time anew. */
interface Walk {
  readonly removed: RemovedSoFar;
  readonly renewed: Set<Id>;
}

/** One look at one key. */
interface Found {
  readonly kind: RemovedKind | null;
  readonly renewed: Id | null;
}

/** Looks at one secret's record, or at one of its parts. */
interface Lens {
  record(node: Connection, id: Id): Promise<Found>;
  part(node: Connection, id: Id, part: number): Promise<Found>;
}

export interface Swept {
  readonly removed: Removed;
  /** The secrets of which something was given its time anew. */
  readonly renewed: readonly Id[];
}

/**
 * Removes and mends everything that is due or broken. Walking over the keys also makes Redis drop what has expired and was
 * not yet dropped. A record too broken to say which parts it had leaves them to a second walk.
 */
export async function sweep(
  nodes: readonly Connection[],
  options: SweepOptions,
  mending: Mending,
): Promise<Swept> {
  const lens: Lens = {
    record: async (node, id) => {
      const answer = await mending.record(node, id);
      return { kind: kindIn(answer), renewed: count(answer, 2) === 1 ? id : null };
    },
    part: async (node, id, part) => {
      const answer = await node.execute(MEND_PART, [recordKey(id), partKey(id, part)], [part]);
      return { kind: kindIn(answer), renewed: null };
    },
  };
  const mend = () =>
    walk(nodes, lens, options, async () => {
      await mending.look();
    });
  const { removed, renewed } = await mend();
  if (removed.orphans > 0) {
    const second = await mend();
    addRemoved(removed, second.removed);
    for (const id of second.renewed) renewed.add(id);
  }
  return { removed, renewed: [...renewed] };
}

/** How many records and parts are due at `asOf`, or broken, and still there. */
export async function overdue(
  nodes: readonly Connection[],
  asOf: number,
  options: SweepOptions,
): Promise<number> {
  const lens: Lens = {
    record: async (node, id) => ({
      kind: kindIn(await node.execute(FIND_IN_RECORD, [recordKey(id)], [asOf])),
      renewed: null,
    }),
    part: async (node, id, part) => ({
      kind: kindIn(await node.execute(FIND_IN_PART, [recordKey(id), partKey(id, part)], [part])),
      renewed: null,
    }),
  };
  const { removed } = await walk(nodes, lens, options);
  return countRemoved(removed);
}

/**
 * Every node is asked for its own keys: there is no list of all secrets. A cursor means nothing to a server that was started meanwhile: such
 * a walk has not seen everything, and throws. `before` is awaited before each page.
 */
async function walk(
  nodes: readonly Connection[],
  lens: Lens,
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
      // An operator who discards what a copy has brought back begins an epoch: with the one of before, a sweep would remove what is new.
      await node.join();
      await before();
      const page = (await node.command("SCAN", cursor, "MATCH", EVERY_KEY, "COUNT", batch)) as [
        string,
        string[],
      ];
      cursor = page[0];
      for (const found of await Promise.all(page[1].map((key) => look(node, lens, key)))) {
        if (found?.kind) removed[found.kind] += 1;
        if (found?.renewed) renewed.add(found.renewed);
      }
    } while (cursor !== "0");
    if (run === undefined || node.run?.id !== run) throw new StoreUnavailable("connection");
  }
  return { removed, renewed };
}

async function look(node: Connection, lens: Lens, key: string): Promise<Found | null> {
  const secret = secretOf(key);
  if (secret === null || secret.id === "maintenance") return null;
  const { id, part } = secret;
  return part === null ? lens.record(node, id) : lens.part(node, id, part);
}

function kindIn(answer: Answer): RemovedKind | null {
  const kind = word(answer, 1);
  return kind === "" ? null : (kind as RemovedKind);
}
