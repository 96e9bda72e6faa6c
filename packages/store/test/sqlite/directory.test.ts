import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StoreRefused } from "../../src/index.ts";
import { openSqliteStore } from "../../src/sqlite/store.ts";
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
  chmodSync(directory, 0o755);
  await (await open(directory)).close();
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
