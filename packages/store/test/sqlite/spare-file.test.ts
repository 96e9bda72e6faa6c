import { readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { SpareFile } from "../../src/sqlite/spare-file.ts";
import { liveSample, sample } from "../conformance/sample.ts";
import { freshDirectory, opened } from "./opened.ts";

const MIB = 2 ** 20;

test("the room that is kept is eight mebibytes for its owner alone, also after a start that was cut short", () => {
  const directory = freshDirectory();
  const spare = new SpareFile(directory);
  expect(spare.present).toBe(false);
  spare.make();
  const path = join(directory, "mayfly.reserve");
  expect(statSync(path).size).toBe(8 * MIB);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  // A file system that compresses keeps as much room.
  expect(deflateRawSync(readFileSync(path), { level: 1 }).length).toBeGreaterThan(8 * MIB);
  truncateSync(path, 3 * MIB);
  expect(spare.present).toBe(false);
  spare.make();
  expect(statSync(path).size).toBe(8 * MIB);
  spare.release();
  spare.release();
  expect(spare.present).toBe(false);
});

test("nothing new is taken while no room is kept, and the next second makes it again", async () => {
  const { store, directory } = await opened();
  const reserved = sample();
  await store.reserve(reserved.reservation);
  const secret = await liveSample(store);
  rmSync(join(directory, "mayfly.reserve"));
  expect(await store.reserve(sample().reservation)).toEqual({ outcome: "full" });
  expect(await store.reserve(reserved.reservation)).toMatchObject({ outcome: "reserved" });
  expect(await store.deposit(reserved.deposit(0))).toEqual({ outcome: "full" });
  expect(await store.open(secret.opening())).toMatchObject({ outcome: "opened" });
  await store.endDue(10);
  expect(await store.deposit(reserved.deposit(0))).toMatchObject({ outcome: "live" });
});
