import { afterAll, expect, test } from "vitest";
import { openRedisStore } from "../../src/redis/store.ts";
import { live, liveSample, opened, sample } from "../conformance/sample.ts";
import { countOverdue } from "../sweeps.ts";
import { eventually, startRedis } from "./server.ts";

const server = await startRedis();
afterAll(() => server.stop());
const open = (db: number) =>
  openRedisStore({
    url: server.url(db),
    commandTimeoutMs: 5_000,
    persistence: "none",
    capacityBytes: 2 ** 40,
  });

/** By the server's own clock, and dropped by the server itself: what a bench whose time stands still cannot show. */
test("secrets that expire and leases that end while a sweep is verified are not overdue", async () => {
  const store = await open(0);
  const redis = server.client(0);
  const expiring = await liveSample(store, { lifetimeMs: 200, parts: 2 });
  const leased = await liveSample(store, { leaseMs: 200, parts: 2 });
  await opened(store, leased.opening());
  const broken = await liveSample(store, { parts: 2 });
  const asOf = await store.now();
  await store.sweep({ batch: 10 });
  expect(await countOverdue(store, asOf, { batch: 10 })).toBe(0);
  await eventually(async () => (await redis.exists(`mayfly:{${expiring.id}}:part:1`)) === 0);
  await eventually(async () => {
    const told = await store.status(leased.byLink);
    return told.outcome === "status" && told.state === "opened";
  });
  expect(await countOverdue(store, asOf, { batch: 10 })).toBe(0);
  await redis.del(`mayfly:{${broken.id}}:part:1`);
  expect(await countOverdue(store, asOf, { batch: 10 })).toBe(1);
  expect(await countOverdue(store, await store.now(), { batch: 10 })).toBe(3);
  expect(await store.sweep({ batch: 10 })).toMatchObject({ expired: 1, leases: 1, orphans: 1 });
  await store.close();
});

test("a sweep while secrets expire comes to its end, and finds the one part that was lost", async () => {
  const store = await open(1);
  const redis = server.client(1);
  const expired = async () => Number(/expired_keys:(\d+)/.exec(await redis.info("stats"))?.[1]);
  const depositSome = () =>
    Promise.all(Array.from({ length: 50 }, (_, i) => live(store, sample({ lifetimeMs: 50 + i * 5 }))));
  for (let rounds = 0; rounds < 5; ) {
    const before = await expired();
    const asOf = await store.now();
    const [{ orphans }] = await Promise.all([store.sweep({ batch: 8 }), depositSome()]);
    expect(orphans).toBe(0);
    expect(await countOverdue(store, asOf, { batch: 8 })).toBe(0);
    if ((await expired()) > before) rounds += 1;
  }
  const lost = await liveSample(store);
  await redis.del(`mayfly:{${lost.id}}:part:0`);
  expect(await store.sweep({ batch: 8 })).toMatchObject({ orphans: 1 });
  await store.close();
}, 20_000);
