import { rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { openSqliteStore } from "../../src/sqlite/store.ts";
import { HOUR } from "../conformance/sample.ts";
import { describeHaltRace } from "../race/halt.ts";
import { describeRace, race } from "../race/race.ts";
import { temporaryDirectory } from "./bench.ts";

const FIRST_PART = "SELECT 1 FROM secrets JOIN parts ON part = secret * 1048576 WHERE id = ?";

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0).reverse()) step();
});

async function prepare() {
  const directory = temporaryDirectory();
  undo.push(() => rmSync(directory, { recursive: true, force: true }));
  const options = { kind: "sqlite", directory, capacityBytes: 1e9, busyTimeoutMs: 10_000 } as const;
  let db: DatabaseSync | undefined;
  const hasCiphertext = async (id: string) => {
    if (!db) {
      const opened = new DatabaseSync(`${directory}/mayfly.db`, { readOnly: true, timeout: 10_000 });
      undo.push(() => opened.close());
      db = opened;
    }
    return db.prepare(FIRST_PART).get(id) !== undefined;
  };
  return { options, hasCiphertext };
}

describeRace("the SQLite store", prepare);

/** The parent's clock leads all others', so that the store's time stands still. */
describeHaltRace("the SQLite store", async () => {
  const { options } = await prepare();
  let now = Date.now() + HOUR;
  const store = await openSqliteStore({ ...options, clock: () => now });
  undo.push(() => void store.close());
  const advance = async (ms: number) => {
    now += ms;
    await store.now();
  };
  return { options, store, advance };
});

test("the race finds out an open that reads and then deletes", async () => {
  const outcome = await race({ ...(await prepare()), open: "read-then-delete", secrets: 20 });
  expect(outcome.twice).toBeGreaterThan(0);
}, 60_000);
