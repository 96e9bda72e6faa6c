import type { Removed, SweepOptions } from "../contract.ts";
import { StoreUnavailable } from "../errors.ts";
import { word } from "./answer.ts";
import type { Connection } from "./connection.ts";
import { FIND_IN_PART, FIND_IN_RECORD, MEND_PART, MEND_RECORD } from "./inspect.ts";
import { EVERY_KEY, partKey, recordKey, secretOf } from "./keys.ts";
import type { Script } from "./record.ts";

/** The scripts that look at a record and at a part. */
interface Lens {
  readonly record: Script;
  readonly part: Script;
}

const FIND: Lens = { record: FIND_IN_RECORD, part: FIND_IN_PART };
const MEND: Lens = { record: MEND_RECORD, part: MEND_PART };

type Tally = { -readonly [Kind in keyof Removed]: number };

/**
 * Removes and mends everything that is due or broken. Walking over the keys also makes Redis drop what has expired and was
 * not yet dropped. A record too broken to say which parts it had leaves them to a second walk.
 */
export async function sweep(nodes: readonly Connection[], options: SweepOptions): Promise<Removed> {
  const removed = await walk(nodes, MEND, null, options);
  if (removed.orphans === 0) return removed;
  const second = await walk(nodes, MEND, null, options);
  for (const kind of Object.keys(removed) as (keyof Removed)[]) removed[kind] += second[kind];
  return removed;
}

/** How many records and parts are due at `asOf`, or broken, and still there. */
export async function overdue(
  nodes: readonly Connection[],
  asOf: number,
  options: SweepOptions,
): Promise<number> {
  const found = await walk(nodes, FIND, asOf, options);
  return Object.values(found).reduce((sum, kind) => sum + kind, 0);
}

/**
 * `asOf` null: as of each look. Every node is asked for its own keys: there is no list of all secrets. A cursor means nothing to a
 * server that was started meanwhile: such a walk has not seen everything, and throws.
 */
async function walk(
  nodes: readonly Connection[],
  lens: Lens,
  asOf: number | null,
  { batch, signal }: SweepOptions,
): Promise<Tally> {
  const tally: Tally = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };
  for (const node of nodes) {
    const run = node.run?.id;
    let cursor = "0";
    do {
      if (signal?.aborted) throw new StoreUnavailable("aborted");
      // An operator who discards what a copy has brought back begins an epoch: with the one of before, a sweep would remove what is new.
      await node.join();
      const page = (await node.command("SCAN", cursor, "MATCH", EVERY_KEY, "COUNT", batch)) as [
        string,
        string[],
      ];
      cursor = page[0];
      for (const kind of await Promise.all(page[1].map((key) => look(node, lens, key, asOf)))) {
        if (kind !== null) tally[kind] += 1;
      }
    } while (cursor !== "0");
    if (run === undefined || node.run?.id !== run) throw new StoreUnavailable("connection");
  }
  return tally;
}

async function look(
  node: Connection,
  lens: Lens,
  key: string,
  asOf: number | null,
): Promise<keyof Removed | null> {
  const secret = secretOf(key);
  if (secret === null || secret.id === "maintenance") return null;
  const { id, part } = secret;
  const time = asOf ?? -1;
  const answer =
    part === null
      ? await node.execute(lens.record, [recordKey(id)], [time])
      : await node.execute(lens.part, [recordKey(id), partKey(id, part)], [time, part]);
  const kind = word(answer, 1);
  return kind === "" ? null : (kind as keyof Removed);
}
