import type { Redis } from "ioredis";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { type Store, StoreUnavailable } from "../../src/index.ts";
import { partFootprint } from "../../src/redis/footprint.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { hash, liveSample, opened, sample } from "../conformance/sample.ts";
import { recordSweep } from "../sweeps.ts";
import { eventually, startRedis } from "./server.ts";

const server = await startRedis();
afterAll(() => server.stop());
const redis = server.client();
const open = (capacityBytes = 2 ** 40) =>
  openRedisStore({ url: server.url(), commandTimeoutMs: 10_000, persistence: "none", capacityBytes });
const usedBy = async (client: Redis) => Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1]);
const used = () => usedBy(redis);

describe("a server without memory left", () => {
  test("refuses what needs room, and still destroys, finishes reads and sweeps", async () => {
    const store = await open();
    const unread = await liveSample(store);
    const reserved = sample();
    await store.reserve(reserved.reservation);
    const read = await liveSample(store, { parts: 2 });
    const opening = read.opening();
    await opened(store, opening);
    const burned = await liveSample(store);
    await redis.config("SET", "maxmemory", "1mb");
    try {
      expect(await store.reserve(sample().reservation)).toEqual({ outcome: "full" });
      expect(await store.deposit(reserved.deposit(0))).toEqual({ outcome: "full" });
      // Before anything was looked for: a stranger cannot tell a reservation from nothing.
      expect(await store.deposit({ ...reserved.deposit(0), manage: hash() })).toEqual({ outcome: "full" });
      expect(await store.deposit(sample().deposit(0))).toEqual({ outcome: "full" });
      await expect(store.open(unread.opening())).rejects.toEqual(new StoreUnavailable("full"));
      expect(await store.status(unread.byLink)).toMatchObject({ state: "live", readsLeft: 1 });
      const request = { id: read.id, claim: opening.claim };
      expect(await store.part({ ...request, part: 1 })).toMatchObject({ outcome: "part" });
      expect(await store.acknowledge(request)).toEqual({ outcome: "acknowledged" });
      expect(await store.burn(burned.byManage)).toEqual({ outcome: "burned" });
      for (const { id } of [read, burned]) expect(await redis.keys(`mayfly:{${id}}:part:*`)).toEqual([]);
      const startedAt = await store.now();
      const removed = await store.sweep({ batch: 10 });
      expect(await recordSweep(store, { startedAt, removed, worker: "w", run: "r" })).toMatchObject({
        sequence: 1,
      });
      expect(await store.take([{ bucket: "bucket", windowMs: 1_000, amount: 1 }])).toMatchObject([
        { total: 1 },
      ]);
    } finally {
      await redis.config("SET", "maxmemory", "0");
    }
    expect((await opened(store, unread.opening())).part).toEqual(unread.parts[0]);
    expect(await store.deposit(reserved.deposit(0))).toMatchObject({ outcome: "live" });
    await store.close();
  });
});

const MIB = 2 ** 20;

describe("capacity", () => {
  test("is not exceeded by what one process lets in at once, whatever the allocator adds", async () => {
    const fresh = await startRedis();
    onTestFinished(() => fresh.stop());
    const client = fresh.client();
    const options = { url: fresh.url(), commandTimeoutMs: 5_000, persistence: "none" } as const;
    // What Redis keeps of scripts and connections is there before.
    const first = await openRedisStore({ ...options, capacityBytes: 2 ** 40 });
    await liveSample(first);
    const used = await usedBy(client);
    // A sixteenth is for small envelopes: 24 MiB are for these.
    const capacityBytes = ((used + 24 * MIB) * 16) / 15;
    const store = await openRedisStore({ ...options, capacityBytes });
    // The worst: a byte more than a size that the allocator has.
    const bytes = MIB - 9;
    const deposits = Array.from({ length: 40 }, async () => {
      const { reservation, byManage } = sample();
      const kept = await store.reserve({ ...reservation, bytes, partBytes: bytes });
      if (kept.outcome === "full") return false;
      return (await store.deposit({ ...byManage, part: 0, bytes: new Uint8Array(bytes) })).outcome === "live";
    });
    expect((await Promise.all(deposits)).filter(Boolean)).toHaveLength(19);
    // What its connection had in its buffers goes with it.
    await store.close();
    await eventually(async () => (await usedBy(client)) <= capacityBytes);
    await first.close();
  });

  test("is exceeded by no more than what other processes deposit between two measurements", async () => {
    const fresh = await startRedis();
    onTestFinished(() => fresh.stop());
    const capacityBytes = (await usedBy(fresh.client())) + 16 * MIB;
    const options = {
      url: fresh.url(),
      commandTimeoutMs: 5_000,
      persistence: "none",
      capacityBytes,
    } as const;
    const [one, other] = await Promise.all([openRedisStore(options), openRedisStore(options)]);
    const bytes = 400_000;
    let stored = 0;
    const put = async (store: Store) => {
      const { reservation, byManage } = sample();
      const kept = await store.reserve({ ...reservation, bytes, partBytes: bytes });
      if (kept.outcome === "full") return false;
      const answer = await store.deposit({ ...byManage, part: 0, bytes: new Uint8Array(bytes) });
      if (answer.outcome === "live") stored += partFootprint(bytes);
      return answer.outcome === "live";
    };
    // Each believes that nobody else deposits, until it measures: twice the capacity at most.
    await Promise.all(
      [one, other].map(async (store) => void (await eventually(async () => !(await put(store))))),
    );
    expect(stored).toBeLessThanOrEqual(2 * capacityBytes);
    // Once both have measured, neither lets more in than there is.
    await eventually(async () => {
      await Promise.all([one.heartbeat(), other.heartbeat()]);
      const answers = await Promise.all([put(one), put(other)]);
      return answers.every((live) => !live);
    });
    await Promise.all([one.close(), other.close()]);
  });

  test("counts memory that is not Mayfly's, and has it back when it is free", async () => {
    const store = await open((await used()) + 20 * MIB);
    const { reservation, byManage } = sample();
    const fits = async () => {
      await store.heartbeat();
      const { outcome } = await store.reserve({ ...reservation, bytes: 10 * MIB, partBytes: MIB });
      await store.burn(byManage);
      return outcome === "reserved";
    };
    expect(await fits()).toBe(true);
    await redis.set("occupied", Buffer.alloc(18 * MIB));
    await eventually(async () => !(await fits()));
    await redis.del("occupied");
    await eventually(fits);
    await store.close();
  });
});

describe("memory", () => {
  test("of a part is reckoned as the allocator has it", async () => {
    const store = await open();
    for (const bytes of [334, 4_000, 65_536, 131_000, 400_000, 917_786, 1_048_566, 1_048_576, 1_800_000]) {
      const { id, reservation, byManage } = sample();
      await store.reserve({ ...reservation, bytes, partBytes: bytes });
      await store.deposit({ ...byManage, part: 0, bytes: new Uint8Array(bytes) });
      const taken = (await redis.memory("USAGE", `mayfly:{${id}}:part:0`)) ?? 0;
      // Besides, its key and its places in the tables of keys and of expiries.
      expect(taken - partFootprint(bytes), `${bytes} bytes`).toBeGreaterThanOrEqual(0);
      expect(taken - partFootprint(bytes), `${bytes} bytes`).toBeLessThan(200);
      await store.burn(byManage);
    }
    await store.close();
  });

  test("per secret stays within one and a half times its envelope and 700 bytes", async () => {
    const store = await open();
    for (const bytes of [1_024, 8_192]) {
      const before = await used();
      const secrets = Array.from({ length: 500 }, () => sample({ passphrase: true }));
      for (const { reservation, byManage } of secrets) {
        await store.reserve({ ...reservation, bytes, partBytes: 65_536 });
        await store.deposit({ ...byManage, part: 0, bytes: new Uint8Array(bytes) });
      }
      const each = ((await used()) - before) / secrets.length;
      expect(each, `${bytes} bytes`).toBeLessThan(1.5 * bytes + 700);
      const [secret] = secrets;
      expect(await redis.object("ENCODING", `mayfly:{${secret?.id}}`)).toBe("listpack");
    }
    await store.close();
  });

  test("of a record with a hundred claims is still a listpack", async () => {
    const store = await open();
    const secret = await liveSample(store, { reads: 100, passphrase: true });
    for (let i = 0; i < 9; i++) await store.open(secret.guess());
    for (let i = 0; i < 100; i++) await opened(store, secret.opening());
    expect(await redis.object("ENCODING", `mayfly:{${secret.id}}`)).toBe("listpack");
    await store.close();
  });
});
