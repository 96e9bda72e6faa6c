import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore, type RateLimits, type Store, type StoreOptions, StoreUnavailable } from "@mayfly/store";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Client, Clients } from "../../src/limits/clients.ts";
import { Counts } from "../../src/limits/counts.ts";
import { overriding } from "../running-service.ts";

const MINUTE = 60_000;
const KEY = "a key that all processes of the test share";

let now = 0;
const clock = { monotonic: () => now, wall: () => Date.parse("2027-01-01T12:00:00Z") + now };
/** The clients of one process, and what it has counted of them. */
class Process {
  readonly #clients = new Clients(clock);
  readonly #counts: Counts;
  constructor(store: RateLimits | null, key: string) {
    this.#counts = new Counts({ clock, key, store });
  }
  take(kind: string, address: string, amount: number, most: number): number {
    return this.#counts.take(this.#of(address), { kind, most, windowMs: MINUTE }, amount);
  }
  wait(kind: string, address: string, amount: number, most: number): number {
    return this.#counts.wait(this.#of(address), { kind, most, windowMs: MINUTE }, amount);
  }
  give(kind: string, address: string, amount: number): void {
    this.#counts.give(this.#of(address), { kind, most: 0, windowMs: MINUTE }, amount);
  }
  share(): Promise<void> {
    return this.#counts.share();
  }
  #of(address: string): Client {
    return this.#clients.of(address);
  }
}
const [ALICE, BOB] = ["192.0.2.1", "192.0.2.2"];
const counting = (store: RateLimits | null, key = KEY) => new Process(store, key);

let folder: string;
const open: Store[] = [];
/** Of one of several processes over one file. */
async function storeOfProcess(): Promise<Store> {
  const options: StoreOptions = {
    kind: "sqlite",
    directory: folder,
    busyTimeoutMs: 1_000,
    capacityBytes: 2 ** 30,
    clock: clock.wall,
  };
  const store = await openStore(options);
  open.push(store);
  return store;
}
beforeEach(() => {
  now = 0;
  folder = mkdtempSync(join(tmpdir(), "mayfly-counts-"));
});
afterEach(async () => {
  for (const store of open.splice(0)) await store.close();
  rmSync(folder, { recursive: true });
});

test("takes what fits in a window that starts with the first amount, and of what does not fit nothing", () => {
  const counts = counting(null);
  const take = (amount: number) => counts.take("bytes", ALICE, amount, 100);
  expect(take(101)).toBe(MINUTE);
  expect(take(60)).toBe(0);
  now += 20_000;
  expect(take(41)).toBe(MINUTE - 20_000);
  expect(take(40)).toBe(0);
  expect(take(1)).toBe(MINUTE - 20_000);
  expect(counts.take("bytes", BOB, 100, 100)).toBe(0);
  expect(counts.take("requests", ALICE, 100, 100)).toBe(0);
  now += MINUTE - 20_000;
  expect(take(100)).toBe(0);
});

test("gives back what was taken", () => {
  const counts = counting(null);
  counts.take("bytes", ALICE, 100, 100);
  counts.give("bytes", ALICE, 30);
  expect(counts.take("bytes", ALICE, 31, 100)).toBe(MINUTE);
  expect(counts.take("bytes", ALICE, 30, 100)).toBe(0);
});

test("holds a /64 to one client's share, a /56 to two and a /48 to four", () => {
  const counts = counting(null);
  const passing = (prefixes: readonly string[]) =>
    prefixes.filter((prefix) =>
      [1, 2].every((host) => counts.take("create", `${prefix}::${host}`, 1, 2) === 0),
    ).length;
  const homes = (home: string) => Array.from({ length: 9 }, (_, number) => `2001:db8:1:${home}${number}0`);
  expect(passing(homes("a"))).toBe(2);
  expect(passing(homes("b"))).toBe(2);
  expect(passing(homes("c"))).toBe(0);
  expect(counts.take("create", "2001:db8:2:a00::1", 1, 2)).toBe(0);
});

test("knows a second later what other processes with the same key have counted", async () => {
  const [first, second] = [counting(await storeOfProcess()), counting(await storeOfProcess())];
  const stranger = counting(await storeOfProcess(), "another key of 32 characters or more");
  expect(first.take("bytes", ALICE, 90, 100)).toBe(0);
  await first.share();
  now += 1_000;
  // What is allowed too much: what passes before the second has heard of the first.
  expect(second.take("bytes", ALICE, 20, 100)).toBe(0);
  await second.share();
  expect(second.take("bytes", ALICE, 1, 100)).toBe(MINUTE - 1_000);
  first.wait("bytes", ALICE, 0, 100);
  await first.share();
  expect(first.take("bytes", ALICE, 1, 100)).toBe(MINUTE - 1_000);
  stranger.wait("bytes", ALICE, 0, 100);
  await stranger.share();
  expect(stranger.take("bytes", ALICE, 100, 100)).toBe(0);
});

test("asks what others have counted for a client that is new here", async () => {
  const [first, second] = [counting(await storeOfProcess()), counting(await storeOfProcess())];
  first.take("bytes", ALICE, 100, 100);
  await first.share();
  expect(second.wait("bytes", ALICE, 1, 100)).toBe(0);
  await second.share();
  expect(second.wait("bytes", ALICE, 1, 100)).toBe(MINUTE);
});

test("goes on counting by itself while the store is away, and what was not sent is not sent twice", async () => {
  const store = await storeOfProcess();
  let away = true;
  const counts = counting(
    overriding(store, {
      take: (entries) => (away ? Promise.reject(new StoreUnavailable("connection")) : store.take(entries)),
    }),
  );
  counts.take("bytes", ALICE, 60, 100);
  await counts.share();
  expect(counts.take("bytes", ALICE, 41, 100)).toBe(MINUTE);
  expect(counts.take("bytes", ALICE, 40, 100)).toBe(0);
  await counts.share();
  expect(counts.take("bytes", ALICE, 1, 100)).toBe(MINUTE);
  away = false;
  counts.take("bytes", BOB, 10, 100);
  await counts.share();
  expect(counts.take("bytes", BOB, 91, 100)).toBe(MINUTE);
  expect(counts.take("bytes", BOB, 90, 100)).toBe(0);
});

test("hands the store hashes that change daily, and no address or key", async () => {
  const store = await storeOfProcess();
  const buckets: string[] = [];
  const counts = counting(
    overriding(store, {
      take: (entries) => {
        buckets.push(...entries.map(({ bucket }) => bucket));
        return store.take(entries);
      },
    }),
  );
  for (let day = 0; day < 2; day++) {
    counts.take("create", "198.51.100.77", 1, 100);
    counts.take("read", "198.51.100.77", 1, 100);
    await counts.share();
    now += 86_400_000;
  }
  expect(new Set(buckets).size).toBe(4);
  for (const bucket of buckets) expect(bucket).toMatch(/^[A-Za-z0-9_-]{22}$/);
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name)).toString("latin1");
    expect(bytes).not.toContain("198.51");
    expect(bytes).not.toContain(KEY);
  }
});

test("each kind has a window of its own, which starts with its first amount", () => {
  const counts = counting(null);
  counts.take("read", ALICE, 100, 100);
  now += MINUTE - 1;
  counts.take("create", ALICE, 100, 100);
  expect([counts.wait("read", ALICE, 1, 100), counts.wait("create", ALICE, 1, 100)]).toEqual([1, MINUTE]);
  now += 1;
  expect([counts.wait("read", ALICE, 100, 100), counts.wait("create", ALICE, 1, 100)]).toEqual([
    0,
    MINUTE - 1,
  ]);
});

test("a window that goes on outlives a flood of other clients that would make it forgotten, while its client comes", () => {
  const counts = counting(null);
  counts.take("bytes", ALICE, 100, 100);
  for (let i = 0; i < 150_000; i++) {
    counts.take("read", `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 1, 100);
    if (i % 1_000 === 0) counts.take("read", ALICE, 0, 100);
  }
  expect(counts.take("bytes", ALICE, 1, 100)).toBe(MINUTE);
});
