import { afterAll, describe, expect, test } from "vitest";
import { StoreUnavailable } from "../../src/index.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { liveSample, opened, sample } from "../conformance/sample.ts";
import { startRedis } from "./server.ts";

const server = await startRedis();
afterAll(() => server.stop());
const redis = server.client();
const open = (capacityBytes = 2 ** 40) =>
  openRedisStore({ url: server.url(), commandTimeoutMs: 1_000, persistence: "none", capacityBytes });
const used = async () => Number(/used_memory:(\d+)/.exec(await redis.info("memory"))?.[1]);

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
});

describe("memory", () => {
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
