import type { Redis } from "ioredis";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import { type Store, StoreUnavailable } from "../../src/index.ts";
import { partFootprint } from "../../src/redis/footprint.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { hash, liveSample, opened, sample } from "../conformance/sample.ts";
import { eventually, startRedis } from "./server.ts";

const server = await startRedis();
afterAll(() => server.stop());
const redis = server.client();
const open = (capacityBytes = 2 ** 40) =>
  openRedisStore({ url: server.url(), commandTimeoutMs: 1_000, persistence: "none", capacityBytes });
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
      expect(await store.recordSweep({ startedAt, removed, worker: "w", run: "r" })).toMatchObject({
        sequence: 1,
      });
      expect(await store.count("bucket", 1_000)).toMatchObject({ count: 1 });
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
  test("counts what the server uses and what was let in since", async () => {
    const { reservation } = sample();
    const store = await open((await used()) + 500_000);
    const first = { ...reservation, bytes: 400_000, partBytes: 400_000 };
    const answer = await store.reserve(first);
    expect(answer).toMatchObject({ outcome: "reserved" });
    const second = sample().reservation;
    expect(await store.reserve({ ...second, bytes: 400_000, partBytes: 400_000 })).toEqual({
      outcome: "full",
    });
    await store.close();
  });

  test("is not exceeded by what is let in at once, whatever the allocator adds", async () => {
    const fresh = await startRedis();
    onTestFinished(() => fresh.stop());
    const client = fresh.client();
    const options = { url: fresh.url(), commandTimeoutMs: 5_000, persistence: "none" } as const;
    // What Redis keeps of scripts and connections is there before.
    const first = await openRedisStore({ ...options, capacityBytes: 2 ** 40 });
    await liveSample(first);
    const capacityBytes = (await usedBy(client)) + 24 * MIB;
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

  const big = (parts: number) => {
    const made = sample();
    const reservation = { ...made.reservation, bytes: parts * MIB, partBytes: MIB };
    const deposit = (part: number) => ({ ...made.byManage, part, bytes: new Uint8Array(MIB).fill(part) });
    return { ...made, reservation, deposit };
  };
  /** Memory that is not Mayfly's, until it is given back. */
  const occupy = async (mib: number) => {
    await redis.set("occupied", Buffer.alloc(mib * MIB));
    return () => redis.del("occupied");
  };
  /** Whether this many MiB would be let in now; nothing is kept. */
  const fits = async (store: Store, parts: number) => {
    await store.heartbeat();
    const probe = big(parts);
    const { outcome } = await store.reserve(probe.reservation);
    await store.burn(probe.byManage);
    return outcome === "reserved";
  };

  test("keeps what it has promised over every look, until it is burned or out of time", async () => {
    const store = await open((await used()) + 20 * MIB);
    const [one, other] = [big(12), big(12)];
    for (let again = 0; again < 2; again++) {
      expect(await store.reserve(one.reservation)).toMatchObject({ outcome: "reserved" });
    }
    const giveBack = await occupy(6);
    await eventually(async () => !(await fits(store, 3)));
    expect(await store.reserve(other.reservation)).toEqual({ outcome: "full" });
    await giveBack();
    await eventually(() => fits(store, 3));
    expect(await fits(store, 12)).toBe(false);
    expect(await store.burn(one.byManage)).toEqual({ outcome: "burned" });
    expect(await store.reserve(other.reservation)).toMatchObject({ outcome: "reserved" });
    await redis.del(`mayfly:{${other.id}}`);
    await eventually(() => fits(store, 12));
    await store.close();
  });

  test("does not count twice what was deposited through another process", async () => {
    // A server of its own: what others have just sent here is still in its buffers.
    const fresh = await startRedis();
    onTestFinished(() => fresh.stop());
    const capacityBytes = (await usedBy(fresh.client())) + 34 * MIB;
    const options = {
      url: fresh.url(),
      commandTimeoutMs: 1_000,
      persistence: "none",
      capacityBytes,
    } as const;
    const [store, another] = await Promise.all([openRedisStore(options), openRedisStore(options)]);
    const one = big(12);
    await store.reserve(one.reservation);
    for (let part = 0; part < 12; part++) await another.deposit(one.deposit(part));
    // Until a look has come about that sees more than what was deposited.
    await fresh.client().set("occupied", Buffer.alloc(6 * MIB));
    await eventually(async () => !(await fits(store, 12)));
    await fresh.client().del("occupied");
    // A MiB takes a MiB and a quarter: 15 are in use, and none is promised.
    await eventually(() => fits(store, 12));
    await Promise.all([store.close(), another.close()]);
  });

  test("is soon believed free again when another process took up what this one had promised, however much", async () => {
    const MANY = 8_000;
    const other = await open();
    const each = { ...sample().reservation, bytes: 500, partBytes: 500 };
    const promised = MANY * partFootprint(500);
    const store = await open((await used()) + promised + MIB);
    for (let done = 0; done < MANY; done += 100) {
      const secrets = Array.from({ length: 100 }, () => sample());
      await Promise.all(
        secrets.map(async ({ id, byManage }) => {
          await store.reserve({ ...each, id, manage: byManage.manage });
          await other.burn(byManage);
        }),
      );
    }
    const most = { ...sample().reservation, bytes: 0.75 * promised, partBytes: 0.75 * promised };
    expect(await store.reserve(most)).toEqual({ outcome: "full" });
    await eventually(async () => (await store.reserve(most)).outcome === "reserved", 13_000);
    await Promise.all([store.close(), other.close()]);
  }, 60_000);

  test("is asked for again by each part, and one that is kept already succeeds without it", async () => {
    const store = await open((await used()) + 20 * MIB);
    const secret = big(3);
    await store.reserve(secret.reservation);
    expect(await store.deposit(secret.deposit(0))).toEqual({ outcome: "incomplete", missing: [1, 2] });
    const giveBack = await occupy(19);
    await eventually(async () => !(await fits(store, 1)));
    expect(await store.deposit(secret.deposit(1))).toEqual({ outcome: "full" });
    expect(await store.deposit(secret.deposit(0))).toEqual({ outcome: "incomplete", missing: [1, 2] });
    await giveBack();
    await eventually(async () => (await store.deposit(secret.deposit(1))).outcome === "incomplete");
    expect(await store.deposit(secret.deposit(2))).toMatchObject({ outcome: "live" });
    await store.burn(secret.byManage);
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
