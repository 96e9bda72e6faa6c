import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { type Restored, type Store, StoreUnavailable } from "../../src/index.ts";
import { openSqliteStore } from "../../src/sqlite/store.ts";
import { codeIn, describeHistory, type HistoryBench, readSince, refusal } from "../conformance/history.ts";
import { liveSample } from "../conformance/sample.ts";
import { temporaryDirectory } from "./bench.ts";
import { freshDirectory } from "./opened.ts";

/** Every store of the bench, whatever became of it, is closed with it. */
async function openBench(folder = temporaryDirectory()): Promise<HistoryBench> {
  let root = folder;
  const stores: Store[] = [];
  const data = () => join(root, "data");
  const marks = () => join(root, "mark");
  const file = (of: string) => join(of, "mayfly.db");
  const checkpoint = () => {
    const db = new DatabaseSync(file(data()));
    db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    db.close();
  };
  return {
    start: async (restored?: Restored) => {
      const history = { directory: marks(), program: `test-${stores.length}`, restored };
      const options = { directory: data(), capacityBytes: 1e9, busyTimeoutMs: 2_000, history };
      const store = await openSqliteStore(options);
      stores.push(store);
      return store;
    },
    stop: (store) => store.close(),
    later: async () => undefined,
    copy: async () => {
      checkpoint();
      mkdirSync(join(root, "copy"));
      copyFileSync(file(data()), file(join(root, "copy")));
    },
    // Over the same file, as `cp` does it: inode and birth stay.
    putBack: async () => {
      checkpoint();
      copyFileSync(file(join(root, "copy")), file(data()));
    },
    move: async () => {
      const to = temporaryDirectory();
      mkdirSync(join(to, "data"), { recursive: true, mode: 0o700 });
      cpSync(data(), join(to, "data"), { recursive: true });
      renameSync(marks(), join(to, "mark"));
      rmSync(root, { recursive: true });
      root = to;
    },
    loseMarks: () => rmSync(marks(), { recursive: true }),
    close: async () => {
      for (const store of stores) await store.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

describeHistory({ name: "the SQLite store", open: () => openBench() });

const ROLLED_BACK = new StoreUnavailable("rolled_back");

const open = (root: string, restored?: Restored) =>
  openSqliteStore({
    directory: join(root, "data"),
    capacityBytes: 1e9,
    busyTimeoutMs: 2_000,
    history: { directory: join(root, "mark"), program: "test", restored },
  });

/** A store in whose copy a secret is unread that was read since. */
async function openCopied() {
  const root = freshDirectory();
  const path = join(root, "data", "mayfly.db");
  const copy = join(root, "copy.db");
  const store = await open(root);
  const { secret } = await readSince(store, async () => {
    await store.sweep({ batch: 10 });
    copyFileSync(path, copy);
  });
  await store.sweep({ batch: 10 });
  return { root, path, copy, store, secret };
}

test("a copy is noticed that is written over the file while its log holds what was done since", async () => {
  const { path, copy, store, secret } = await openCopied();
  await liveSample(store);
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
  copyFileSync(copy, path);
  await expect(store.open(secret.opening())).rejects.toEqual(ROLLED_BACK);
  await expect(store.heartbeat()).rejects.toEqual(ROLLED_BACK);
  await store.close();
});

test("a file that takes the place of the store's is refused while it runs, and the next start is refused", async () => {
  const { root, path, copy, store, secret } = await openCopied();
  rmSync(`${path}-wal`);
  rmSync(`${path}-shm`);
  renameSync(copy, path);
  await expect(store.open(secret.opening())).rejects.toEqual(new StoreUnavailable("failed"));
  await expect(store.sweep({ batch: 10 })).rejects.toEqual(new StoreUnavailable("failed"));
  await store.close();
  expect(codeIn(await refusal(open(root)))).toMatch(/^\w{12}$/);
});

test("a copy in another file, of which nothing remembers the age, is refused until it is accepted there", async () => {
  const root = freshDirectory();
  const store = await open(root);
  const secret = await liveSample(store);
  await store.close();
  mkdirSync(join(root, "elsewhere", "data"), { recursive: true, mode: 0o700 });
  cpSync(join(root, "data"), join(root, "elsewhere", "data"), { recursive: true });
  const elsewhere = join(root, "elsewhere");
  const faults = await refusal(open(elsewhere));
  expect(faults[0]).toMatch(/^Nothing remembers this store's age, and its file is not the one/);
  const accepted = await open(elsewhere, { way: "accept", code: codeIn(faults) });
  expect(await accepted.open(secret.opening())).toMatchObject({ outcome: "opened" });
  await accepted.close();
  rmSync(join(elsewhere, "mark"), { recursive: true });
  const again = await open(elsewhere);
  expect(again.warnings).toHaveLength(1);
  await again.close();
});

test("an age rises with what is done, and not with what is only looked at", async () => {
  const root = freshDirectory();
  const store = await open(root);
  const age = () => {
    const db = new DatabaseSync(join(root, "data", "mayfly.db"));
    const found = db.prepare("SELECT age FROM store").get()?.age as number;
    db.close();
    return found;
  };
  const secret = await liveSample(store);
  const before = age();
  expect(before).toBeGreaterThan(0);
  await store.heartbeat();
  await store.status(secret.byLink);
  expect(age()).toBe(before);
  await store.open(secret.opening());
  expect(age()).toBe(before + 1);
  await store.close();
});

test("marks are files of mode 0600 in a folder of mode 0700, one for each process that is of use", async () => {
  const root = freshDirectory();
  const first = await open(root);
  await liveSample(first);
  await first.close();
  const mark = join(root, "mark");
  expect(statSync(mark).mode & 0o777).toBe(0o700);
  const [name = ""] = readdirSync(mark);
  expect(statSync(join(mark, name)).mode & 0o777).toBe(0o600);
  renameSync(join(mark, name), join(mark, "of-a-process-of-before.mark"));
  await (await open(root)).close();
  expect(readdirSync(mark)).toEqual([name]);
});

test("a mark that cannot be read refuses the start", async () => {
  const root = freshDirectory();
  await (await open(root)).close();
  writeFileSync(join(root, "mark", "broken.mark"), "{");
  expect(await refusal(open(root))).toEqual(["A file in the folder of MAYFLY_MARK_DIR is no mark."]);
});

test("a broken mark of this store refuses the start, and one of another store is left alone", async () => {
  const root = freshDirectory();
  await (await open(root)).close();
  const [own = ""] = readdirSync(join(root, "mark"));
  const other = join(root, "mark", "another-store.a-process-of-before.mark");
  writeFileSync(other, "");
  await (await open(root)).close();
  expect(statSync(other).size).toBe(0);
  writeFileSync(join(root, "mark", own.replace(/\..*/, ".a-process-of-before.mark")), "");
  expect(await refusal(open(root))).toEqual(["A file in the folder of MAYFLY_MARK_DIR is no mark."]);
});

test("a folder of marks that cannot be made refuses the start", async () => {
  const root = freshDirectory();
  writeFileSync(join(root, "mark"), "a file");
  expect(await refusal(open(root))).toEqual(["The folder of MAYFLY_MARK_DIR cannot be made."]);
});

test("a folder of marks that cannot be written is a warning where the mark is there, and else refuses the start", async () => {
  const root = freshDirectory();
  const mark = join(root, "mark");
  await (await open(root)).close();
  // In the way of the file that takes the mark's place.
  const [name = ""] = readdirSync(mark);
  mkdirSync(join(mark, `${name}.new`));
  const store = await open(root);
  expect(store.warnings).toEqual(["The folder of MAYFLY_MARK_DIR cannot be written."]);
  await store.close();
  rmSync(join(mark, name));
  expect(await refusal(open(root))).toEqual(["The folder of MAYFLY_MARK_DIR cannot be written."]);
});
