import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import type { Store } from "../../src/index.ts";
import { recordKey, STORE_KEY } from "../../src/redis/keys.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { hash, liveSample, opened, type Sample, sample, type Wish } from "../conformance/sample.ts";
import { countOverdue, recordSweep, verify } from "../sweeps.ts";
import { startCluster } from "./cluster-servers.ts";
import { eventually, type TestServer } from "./server.ts";

const TIMEOUT_MS = 10_000;

const cluster = await startCluster({ settings: ["cluster-require-full-coverage", "no"] });
afterAll(() => cluster.stop());
const keeper = await cluster.ownerOf(STORE_KEY);
/** Everything but the heartbeat may be on it. */
const victim = cluster.primaries.find((node) => node !== keeper) as TestServer;

let store: Store;
const open = () =>
  openRedisStore({
    url: cluster.url(),
    commandTimeoutMs: TIMEOUT_MS,
    persistence: "none",
    capacityBytes: 2 ** 40,
  });
beforeEach(async () => {
  store = await open();
});
afterEach(() => store.close());

async function on(server: TestServer, there: boolean): Promise<string> {
  for (;;) {
    const { id } = sample();
    if (((await cluster.ownerOf(recordKey(id))) === server) === there) return id;
  }
}

/** A live secret on the victim, or on any other node. */
async function secretOn(there: boolean, wish: Wish = {}): Promise<Sample> {
  for (;;) {
    const secret = await liveSample(store, wish);
    if (((await cluster.ownerOf(recordKey(secret.id))) === victim) === there) return secret;
  }
}

/** Resolves when the victim serves again, and the store has found it. */
async function served(): Promise<void> {
  const there = { id: await on(victim, true), link: hash() };
  await eventually(async () => (await store.status(there).catch(() => null)) !== null, 60_000);
}

async function sweepOnce(): Promise<void> {
  const startedAt = await store.now();
  const removed = await store.sweep({ batch: 10 });
  expect(await countOverdue(store, startedAt, { batch: 10 })).toBe(0);
  expect(await store.ruleFaults()).toEqual([]);
  await recordSweep(store, { startedAt, removed, worker: "w", run: `run at ${startedAt}` });
}

test("while a primary is down the others go on, and no sweep is complete until it is back", async () => {
  await sweepOnce();
  const { heartbeat } = await store.heartbeat();
  const [lost, held] = [await secretOn(true), await secretOn(false)];
  await victim.kill();
  await expect(store.open(lost.opening())).rejects.toMatchObject({ name: "StoreUnavailable" });
  await expect(store.sweep({ batch: 10 })).rejects.toMatchObject({ name: "StoreUnavailable" });
  await expect(countOverdue(store, 0, { batch: 10 })).rejects.toMatchObject({ name: "StoreUnavailable" });
  await expect(store.ruleFaults()).rejects.toMatchObject({ name: "StoreUnavailable" });

  expect(await store.open(held.opening())).toMatchObject({ outcome: "opened" });
  const reservation = { ...sample().reservation, id: await on(victim, false) };
  expect(await store.reserve(reservation)).toMatchObject({ outcome: "reserved" });
  expect(await store.canWrite()).toBe(true);
  expect((await store.heartbeat()).heartbeat).toEqual(heartbeat);

  await expect(open()).rejects.toMatchObject({
    name: "StoreRefused",
    faults: [`Redis at 127.0.0.1:${victim.port} could not be reached.`],
  });

  await victim.start();
  await served();
  // It keeps nothing on its disk, so its secrets have ended with it.
  expect(await store.open(lost.opening())).toEqual({ outcome: "not_found" });
  await eventually(
    () =>
      sweepOnce().then(
        () => true,
        () => false,
      ),
    60_000,
  );
  expect((await store.heartbeat()).heartbeat?.sequence).toBe((heartbeat?.sequence ?? 0) + 1);
}, 120_000);

test("a sweep that was verified before a primary was started anew is not recorded", async () => {
  const startedAt = await store.now();
  const removed = await store.sweep({ batch: 10 });
  const verification = await verify(store, startedAt);
  await victim.kill();
  await victim.start();
  await served();
  const report = { verification, removed, worker: "w", run: "verified too early" };
  await expect(store.recordSweep(report)).rejects.toMatchObject({ reason: "failed" });
  await eventually(
    () =>
      sweepOnce().then(
        () => true,
        () => false,
      ),
    60_000,
  );
}, 120_000);

test("a primary that hangs stalls nothing that does not need it", async () => {
  await served();
  const held = await secretOn(false);
  const free = await on(victim, false);
  victim.signal("SIGSTOP");
  try {
    const began = performance.now();
    let longest = 0;
    // Long enough for a look at every primary's memory, which happens once a second.
    while (performance.now() - began < 2_500) {
      const askedAt = performance.now();
      await Promise.all([store.heartbeat(), store.canWrite(), store.now()]);
      longest = Math.max(longest, performance.now() - askedAt);
    }
    const askedAt = performance.now();
    expect(await store.open(held.opening())).toMatchObject({ outcome: "opened" });
    expect(await store.reserve({ ...sample().reservation, id: free })).toMatchObject({ outcome: "reserved" });
    longest = Math.max(longest, performance.now() - askedAt);
    expect(longest).toBeLessThan(TIMEOUT_MS / 2);
  } finally {
    victim.signal("SIGCONT");
  }
}, 60_000);

test("leases on a primary that is down do not keep those on others from being ended", async () => {
  await served();
  const short = { leaseMs: 200 };
  const [stuck, due] = [await secretOn(true, short), await secretOn(false, short)];
  for (const secret of [stuck, due]) await opened(store, secret.opening());
  const redis = (await cluster.ownerOf(recordKey(due.id))).client();
  await victim.kill();
  // Read past the store: the record says so itself when somebody has ended it.
  await eventually(async () => {
    await store.endDue(1).catch(() => undefined);
    return (await redis.hget(recordKey(due.id), "state")) === "opened";
  }, 60_000);
  await victim.start();
}, 120_000);
