import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { StoreUnavailable } from "../../src/index.ts";
import { AGE_KEY, HEARTBEAT_KEY, primaryAgeKey, primaryTag, recordKey } from "../../src/redis/keys.ts";
import { SLOTS, slotOf } from "../../src/redis/slot-map.ts";
import { codeIn, describeHistory, isOlder, refusal, sweepOnce } from "../conformance/history.ts";
import { hash, opened } from "../conformance/sample.ts";
import { type ClusterBench, openClusterBench } from "./cluster-copies.ts";
import { startCluster } from "./cluster-servers.ts";
import { insist } from "./insist.ts";
import { eventually, type TestServer } from "./server.ts";

/** The last primary has so few that it can be emptied. */
const SHARES = [8_190, 8_190, 4];
const ROLLED_BACK = new StoreUnavailable("rolled_back");

const cluster = await startCluster({
  // Else a primary that has lost its last slot becomes a replica.
  settings: ["appendonly", "yes", "appendfsync", "always", "cluster-allow-replica-migration", "no"],
  shares: SHARES,
});
afterAll(() => cluster.stop());
const [first, second, small] = cluster.primaries as [TestServer, TestServer, TestServer];

async function fresh(): Promise<ClusterBench> {
  const bench = await openClusterBench(cluster, SHARES);
  onTestFinished(() => bench.close());
  return bench;
}

/** One that does not keep the heartbeat, and the one that does. */
async function twoOf(): Promise<{ victim: TestServer; keeper: TestServer }> {
  const keeper = await cluster.ownerOf(HEARTBEAT_KEY);
  return { victim: keeper === first ? second : first, keeper };
}

/** Where a primary that has this highest slot has its age. */
function ageBelow(highest: number): string {
  return primaryAgeKey(primaryTag(highest));
}

describeHistory({
  name: "A primary that does not keep the heartbeat",
  open: () => openClusterBench(cluster, SHARES),
});

describe("One primary alone, put back from a copy,", () => {
  test("is discarded together with what the others hold", async () => {
    const bench = await fresh();
    const { victim, keeper } = await twoOf();
    const store = await bench.start();
    const secret = await bench.secretAt(store, victim);
    const elsewhere = await bench.secretAt(store, keeper);
    await bench.copyOf(victim);
    const { age } = await store.heartbeat();
    await opened(store, secret.opening());
    await isOlder(store, age);
    await bench.stop(store);
    await bench.putBack();
    const code = codeIn(await refusal(bench.start()));
    const after = await bench.start({ way: "discard", code });
    for (const { opening, byManage } of [secret, elsewhere]) {
      expect(await after.open(opening())).toEqual({ outcome: "not_found" });
      expect(await after.status(byManage)).toEqual({ outcome: "not_found" });
    }
    const later = await bench.secretAt(after, victim);
    // What begins now is of the same epoch wherever its slot goes.
    await bench.moveKey(recordKey(later.id), keeper);
    expect((await insist(() => sweepOnce(after))).orphans).toBeGreaterThan(0);
    expect(await after.open(later.opening())).toMatchObject({ outcome: "opened" });
    expect(await cluster.keys(`${recordKey(elsewhere.id)}*`)).toEqual([]);
  });

  test("is noticed when what was read was read elsewhere, while its slot was away", async () => {
    const bench = await fresh();
    const { victim, keeper } = await twoOf();
    const store = await bench.start();
    const secret = await bench.secretAt(store, victim);
    await bench.copyOf(victim);
    const before = await bench.ages();
    await bench.moveKey(recordKey(secret.id), keeper);
    await insist(() => opened(store, secret.opening()));
    await bench.moveKey(recordKey(secret.id), victim);
    await bench.haveBeaten(before);
    await bench.stop(store);
    await bench.putBack();
    await refusal(bench.start());
  });

  test("is noticed after its age has left it together with its slot", async () => {
    const bench = await fresh();
    const { victim, keeper } = await twoOf();
    const store = await bench.start();
    const highest = victim === first ? 8_189 : 16_379;
    const before = await bench.ages();
    await bench.moveKey(ageBelow(highest), keeper);
    await eventually(async () => {
      await insist(() => store.heartbeat());
      return ((await bench.ages()).get(ageBelow(highest - 1)) ?? 0) > 0;
    }, 15_000);
    await bench.haveBeaten(before);
    const secret = await bench.secretAt(store, victim);
    await bench.copyOf(victim);
    const { age } = await store.heartbeat();
    await opened(store, secret.opening());
    await isOlder(store, age);
    await bench.putBack();
    await expect(store.open(secret.opening())).rejects.toEqual(ROLLED_BACK);
    await expect(store.heartbeat()).rejects.toEqual(ROLLED_BACK);
  });
});

describe("A cluster goes on", () => {
  test("when slots move, those of the ages and of the heartbeat too, to and fro, and when a primary has none left", async () => {
    const bench = await fresh();
    const store = await bench.start();
    const secret = await bench.secretAt(store, first);
    const other = await bench.secretAt(store, second);
    for (const to of [second, first, second]) {
      await bench.moveKey(AGE_KEY, to);
      await bench.moveKey(ageBelow(8_189), to);
      await bench.moveKey(ageBelow(16_379), to);
      await bench.moveKey(recordKey(secret.id), to);
      await insist(() => store.heartbeat());
    }
    for (let slot = SLOTS - 4; slot < SLOTS; slot++) await bench.mover.move(slot, small, second);
    await cluster.whole();
    await insist(() => store.heartbeat());
    const late = await bench.start();
    expect(late.warnings).toEqual([]);
    for (let slot = SLOTS - 4; slot < SLOTS; slot++) await bench.mover.move(slot, second, small);
    await cluster.whole();
    await insist(() => late.heartbeat());
    expect(await insist(() => store.open(other.opening()))).toMatchObject({ outcome: "opened" });
    await insist(() => sweepOnce(store));
    await bench.stop(store);
    await bench.stop(late);
    const after = await bench.start();
    expect(after.warnings).toEqual([]);
    expect(await after.open(secret.opening())).toMatchObject({ outcome: "opened" });
  });

  test("when a primary is started again", async () => {
    const bench = await fresh();
    const store = await bench.start();
    for (const node of [first, second]) {
      const secret = await bench.secretAt(store, node);
      await bench.restart(node);
      expect(await insist(() => store.open(secret.opening(hash())))).toMatchObject({ outcome: "opened" });
    }
    await insist(() => store.heartbeat());
  });
});

test("each primary beats at most once a second, and only those that have a change", async () => {
  const bench = await fresh();
  const { victim } = await twoOf();
  const stores = [await bench.start(), await bench.start()];
  const from = await bench.ages();
  const { now } = await (stores[0] as (typeof stores)[number]).heartbeat();
  for (let round = 0; round < 10; round++) for (const store of stores) await bench.secretAt(store, victim);
  const to = await bench.ages();
  const last = await (stores[0] as (typeof stores)[number]).heartbeat();
  const seconds = (last.now - now) / 1_000;
  expect(to.size).toBe(3);
  for (const [key, age] of to) {
    const beats = age - (from.get(key) ?? 0);
    expect(beats, key).toBeLessThanOrEqual(seconds + 1);
    if ((await cluster.ownerOf(key)) === small) expect(beats).toBe(0);
  }
  expect([...to.keys()].map(slotOf)).toContain(SLOTS - 1);
});
