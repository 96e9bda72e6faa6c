import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { boundCapacity, partFootprint } from "../../src/sqlite/capacity.ts";
import { openSqliteStore } from "../../src/sqlite/store.ts";
import { HOUR, type Sample, sample } from "../conformance/sample.ts";
import { type Opened, opened } from "./opened.ts";

const MIB = 2 ** 20;
const SMALLEST = 334;

type Some = Pick<Opened, "store">;

async function put({ store }: Some, bytes: number): Promise<Sample | null> {
  const secret = sample();
  const { outcome } = await store.reserve({ ...secret.reservation, bytes, partBytes: bytes });
  if (outcome === "full") return null;
  const answer = await store.deposit({ ...secret.byManage, part: 0, bytes: new Uint8Array(bytes) });
  return answer.outcome === "live" ? secret : null;
}

async function fill(found: Some, bytes: number): Promise<Sample[]> {
  const kept: Sample[] = [];
  for (;;) {
    const some = await Promise.all(Array.from({ length: 50 }, () => put(found, bytes)));
    kept.push(...some.filter((secret) => secret !== null));
    if (some.includes(null)) return kept;
  }
}

const inUse = ({ db }: Opened): number => {
  const read = (name: string) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
  return (read("page_count") - read("freelist_count")) * read("page_size");
};

test("the smallest secrets count as the pages that they take, and their tombstones too", async () => {
  const capacityBytes = 4 * MIB;
  const found = await opened({ capacityBytes });
  const kept = await fill(found, SMALLEST);
  // Counted by their own bytes there would be more than ten thousand.
  expect(kept.length).toBeGreaterThan(500);
  expect(kept.length).toBeLessThan(capacityBytes / 4_096);
  expect(inUse(found)).toBeLessThanOrEqual(capacityBytes);

  for (const { byManage } of kept) await found.store.burn(byManage);
  const again = await fill(found, SMALLEST);
  expect(again.length).toBeLessThan(kept.length);
  expect(inUse(found)).toBeLessThanOrEqual(capacityBytes);
  await found.store.sweep({ batch: 100 });
  expect(statSync(found.path).size).toBeLessThanOrEqual(capacityBytes);
});

test("what ended and was swept is free again, to the last page", async () => {
  const found = await opened({ capacityBytes: 4 * MIB });
  const before = inUse(found);
  const kept = await fill(found, 20_000);
  found.clock.now += 60 * 24 * HOUR;
  await found.store.sweep({ batch: 100 });
  expect(inUse(found)).toBe(before);
  expect(await fill(found, 20_000)).toHaveLength(kept.length);
});

test("two processes at the edge of the capacity do not exceed it", async () => {
  const capacityBytes = 8 * MIB;
  const one = await opened({ capacityBytes });
  const other = await openSqliteStore({ directory: one.directory, capacityBytes, busyTimeoutMs: 2_000 });
  const kept = await Promise.all([fill(one, 60_000), fill({ store: other }, 60_000)]);
  await other.close();
  expect(inUse(one)).toBeLessThanOrEqual(capacityBytes);
  expect(inUse(one)).toBeGreaterThan(capacityBytes - 2 * partFootprint(60_000));
  expect(Math.min(...kept.map(({ length }) => length))).toBeGreaterThan(10);
});

test("a part takes no more than is reckoned for it", async () => {
  const found = await opened();
  for (const bytes of [1, SMALLEST, 4_061, 4_092, 8_192, 65_536, 1_000_003]) {
    const before = inUse(found);
    expect(await put(found, bytes)).not.toBeNull();
    expect(inUse(found) - before).toBeLessThanOrEqual(partFootprint(bytes));
  }
});

test("the capacity is what was declared, or what the disk has room for besides the log", () => {
  expect(boundCapacity(100 * MIB, 1 * MIB, 200 * MIB)).toEqual({ bytes: 100 * MIB, warnings: [] });
  expect(boundCapacity(100 * MIB, 1 * MIB, 20 * MIB)).toEqual({
    bytes: 13 * MIB,
    warnings: [expect.stringContaining(`the disk has room for ${13 * MIB}`)],
  });
  expect(boundCapacity(100 * MIB, 1 * MIB, 0).bytes).toBe(MIB);
});
