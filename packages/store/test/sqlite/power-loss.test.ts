import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { openSqliteStore } from "../../src/sqlite/store.ts";
import { Disk, type Image } from "./disk.ts";
import { MEMORY, survey } from "./killing.ts";
import { lacks } from "./machine.ts";
import type { Confirmed } from "./mortal.ts";
import { freshDirectory } from "./opened.ts";
import { operationsOf } from "./system-calls.ts";

const FILE = "mayfly.db";

/** How the content of a file begins that SQLite finds no fault with. */
const WHOLE = '["ok"';

interface Replay {
  /** States of the disk that were opened. */
  states: number;
  /** Distinct contents that the file had, one after another. */
  contents: number;
  /** States in which a confirmed step is undone. */
  undone: number;
  /** States with a content that the file never had. */
  strange: number;
  /** Contradictions that a store over the file found at the moments of the confirmations. */
  readonly faults: string[];
  readonly said: Set<string>;
}

/**
 * Every state that a power loss can leave, at every point of a run, opened by SQLite and compared with what had been confirmed. Ends
 * at the first fault of this kind.
 */
async function replay(synchronous: string, until: "undone" | "strange"): Promise<Replay> {
  const directory = freshDirectory();
  const options = { directory, capacityBytes: 1e9, busyTimeoutMs: 1_000 };
  await (await openSqliteStore(options)).close();
  const disk = new Disk(new Map([[FILE, readFileSync(join(directory, FILE))]]));
  const operations = operationsOf(directory, synchronous);

  const place = mkdtempSync(join(MEMORY, "mayfly-disk-"));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const found: Replay = { states: 0, contents: 0, undone: 0, strange: 0, faults: [], said: new Set() };
  const order = new Map<string, number>();
  let confirmed = 0;
  const judge = (image: Image) => {
    found.states += 1;
    const at = order.get(content(place, image));
    if (at === undefined) found.strange += 1;
    else if (at < confirmed) found.undone += 1;
  };
  const steps = new Map<string, Confirmed>();
  for (const [index, operation] of operations.entries()) {
    if (found[until] > 0) break;
    if (operation.kind === "say") {
      const [id = "", step = ""] = operation.text.split(" ");
      steps.set(id, step as Confirmed);
      found.said.add(step);
      confirmed = order.size - 1;
      for (const state of disk.prefixes()) judge(state);
      for (const state of disk.holes()) judge(state);
      found.faults.push(...(await ask(place, disk.whole(), steps)));
      continue;
    }
    const syncs = operation.kind === "sync" || operation.kind === "syncDirectory";
    if (syncs) for (const state of disk.holes()) judge(state);
    disk.apply(operation);
    const now = content(place, disk.whole());
    if (!now.startsWith(WHOLE)) found.strange += 1;
    if (!order.has(now)) order.set(now, order.size);
    found.states += 1;
    if (!syncs) for (const state of disk.torn()) judge(state);
    if (index === operations.length - 1) for (const state of disk.prefixes()) judge(state);
  }
  found.contents = order.size;
  return found;
}

/** Everything in the tables, as SQLite reads these files after a power loss; or that it cannot. */
function content(place: string, image: Image): string {
  const db = new DatabaseSync(join(lay(place, image), FILE));
  try {
    const integrity = db.prepare("PRAGMA integrity_check").get()?.integrity_check;
    const tables = ["store", "secrets", "claims", "parts"].map((table) =>
      db.prepare(`SELECT * FROM ${table}`).all(),
    );
    const bytes = (_key: string, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
    return JSON.stringify([integrity, tables], bytes);
  } catch {
    return "unreadable";
  } finally {
    db.close();
  }
}

async function ask(place: string, image: Image, steps: ReadonlyMap<string, Confirmed>): Promise<string[]> {
  const directory = lay(place, image);
  const store = await openSqliteStore({ directory, capacityBytes: 1e9, busyTimeoutMs: 1_000 });
  const db = new DatabaseSync(join(directory, FILE));
  try {
    const faults: string[] = [];
    for (const [id, step] of steps) {
      const found = await survey(store, db, id, step);
      faults.push(...found.faults.map((fault) => `${step}, now ${found.state}: ${fault}`));
    }
    return faults;
  } finally {
    db.close();
    await store.close();
  }
}

function lay(place: string, image: Image): string {
  const directory = join(place, "data");
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { mode: 0o700 });
  for (const [file, bytes] of image) writeFileSync(join(directory, file), bytes);
  return directory;
}

const lacking = lacks("trace");
const traced = lacking === null ? test : test.skip;
const because = lacking === null ? "" : ` (left out: ${lacking})`;

traced(
  `whatever a power loss leaves of unsynced writes, no confirmed step is undone and none is half done${because}`,
  async () => {
    const found = await replay("FULL", "undone");
    expect(found).toMatchObject({ undone: 0, strange: 0, faults: [] });
    expect(found.said.size).toBe(4);
    expect(found.contents).toBeGreaterThan(30);
    expect(found.states).toBeGreaterThan(1_000);
  },
  300_000,
);

traced(
  `the same with synchronous=NORMAL undoes confirmed steps, so that the test above can fail${because}`,
  async () => {
    const found = await replay("NORMAL", "undone");
    expect(found.undone).toBeGreaterThan(0);
  },
  300_000,
);

traced(
  `with synchronous=OFF the file gets contents that it never had, so that the first test can fail${because}`,
  async () => {
    expect((await replay("OFF", "strange")).strange).toBeGreaterThan(0);
  },
  300_000,
);
