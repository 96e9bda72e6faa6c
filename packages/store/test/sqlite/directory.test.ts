import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StoreRefused } from "../../src/index.ts";
import { openSqliteStore } from "../../src/sqlite/store.ts";
import { liveSample } from "../conformance/sample.ts";
import { freshDirectory } from "./opened.ts";

const open = (directory: string) => openSqliteStore({ directory, capacityBytes: 1e9, busyTimeoutMs: 1_000 });

test("a missing directory is made for its owner alone", async () => {
  const directory = join(freshDirectory(), "deep", "data");
  await (await open(directory)).close();
  expect(statSync(directory).mode & 0o777).toBe(0o700);
});

test("a directory that others can write is refused", async () => {
  const directory = join(freshDirectory(), "data");
  mkdirSync(directory);
  chmodSync(directory, 0o702);
  await expect(open(directory)).rejects.toEqual(
    new StoreRefused(["The data directory is writable by everyone."]),
  );
  chmodSync(directory, 0o720);
  await expect(open(directory)).rejects.toEqual(
    new StoreRefused(["The data directory is writable by its group."]),
  );
});

test("a directory that others can read is warned of, and its files are for their owner alone", async () => {
  const directory = join(freshDirectory(), "data");
  mkdirSync(directory);
  for (const mode of [0o740, 0o710, 0o704, 0o701]) {
    chmodSync(directory, mode);
    const store = await open(directory);
    expect(store.warnings).toContainEqual(expect.stringContaining("its mode should be 0700"));
    await store.close();
  }
  chmodSync(directory, 0o700);
  const store = await open(directory);
  expect(store.warnings).not.toContainEqual(expect.stringContaining("its mode should be 0700"));
  await store.close();
});

test("the files of the store are for their owner alone, whatever the umask and their mode before", async () => {
  const directory = join(freshDirectory(), "data");
  const umask = process.umask(0);
  try {
    for (let start = 0; start < 2; start++) {
      const store = await open(directory);
      await store.take([{ bucket: "b", windowMs: 1_000, amount: 1 }]);
      await liveSample(store);
      const files = readdirSync(directory);
      expect(files).toEqual(expect.arrayContaining(["mayfly.db", "mayfly.db-wal", "mayfly.reserve"]));
      const modes = files.map((name) => [name, statSync(join(directory, name)).mode & 0o777]);
      expect(modes).toEqual(files.map((name) => [name, 0o600]));
      const ofDatabase = ["mayfly.db", "mayfly.db-wal", "mayfly.db-shm"].map((name) => join(directory, name));
      for (const file of ofDatabase) chmodSync(file, 0o644);
      await (await open(directory)).close();
      expect(ofDatabase.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
      await store.close();
      // As an earlier version, or a copy, may have left it.
      chmodSync(join(directory, "mayfly.db"), 0o644);
    }
  } finally {
    process.umask(umask);
  }
});

test.runIf(process.geteuid?.() === 0)("a directory of another user is refused", async () => {
  const directory = join(freshDirectory(), "data");
  mkdirSync(directory);
  chownSync(directory, 65_534, 65_534);
  await expect(open(directory)).rejects.toEqual(
    new StoreRefused(["The data directory belongs to another user."]),
  );
});

test("a file in the directory's place is refused", async () => {
  const path = join(freshDirectory(), "data");
  writeFileSync(path, "");
  await expect(open(path)).rejects.toThrow(StoreRefused);
});
