import { cpSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { describe, expect, onTestFinished, test } from "vitest";
import { type ReplicaWait, type Restored, type Store, StoreUnavailable } from "../../src/index.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { describeHistory, type HistoryBench, isOlder, readSince, sweepOnce } from "../conformance/history.ts";
import { hash, liveSample, opened } from "../conformance/sample.ts";
import { isWritten } from "./append-only-file.ts";
import { eventually, startRedis, type TestServer } from "./server.ts";

const MARK = "mayfly:{maintenance}:mark";
const AGE = "mayfly:{maintenance}:age";
const KEPT_ALWAYS = ["appendonly", "yes", "appendfsync", "always"];
const KEPT_EVERY_SECOND = ["appendonly", "yes", "appendfsync", "everysec"];
const ROLLED_BACK = new StoreUnavailable("rolled_back");

interface RedisBench extends HistoryBench {
  server(): TestServer;
  start(restored?: Restored, replicas?: ReplicaWait): Promise<Store>;
  /** The server ends as by a power cut and comes back. */
  restart(): Promise<void>;
  /** The server ends, and what another one holds comes back at its address, as after an election. */
  replaceBy(other: TestServer): Promise<void>;
}

async function openBench(settings: readonly string[], stopping = false): Promise<RedisBench> {
  const folder = temporaryFolder("history");
  const copied = join(folder.path, "copy");
  let marks = join(folder.path, "mark");
  let server = await startRedis(settings);
  const servers = [server];
  const running = new Set<Store>();
  const back = async () => {
    await server.start();
    for (const store of running) await eventually(() => isReached(store));
  };
  const bench: RedisBench = {
    server: () => server,
    start: async (restored?: Restored, replicas?: ReplicaWait) => {
      const history = { directory: marks, program: `test-${running.size}`, restored };
      const options = { commandTimeoutMs: 2_000, persistence: "any", capacityBytes: 2 ** 40 } as const;
      const store = await openRedisStore({
        ...options,
        url: server.url(),
        history,
        ...(replicas && { replicas }),
      });
      running.add(store);
      return store;
    },
    stop: async (store) => {
      running.delete(store);
      await store.close();
    },
    // The store's time is never below this.
    later: async (store) => {
      await server.client().incrby(MARK, 60_000);
      await store.heartbeat();
    },
    copy: async () => {
      await isWritten(server.client());
      cpSync(server.folder, copied, { recursive: true });
    },
    replaceBy: async (other) => {
      await server.kill();
      await other.kill();
      for (const name of readdirSync(server.folder)) rmSync(join(server.folder, name), { recursive: true });
      cpSync(other.folder, server.folder, { recursive: true });
      await server.start();
    },
    putBack: async () => {
      if (stopping)
        await server
          .client()
          .shutdown("NOSAVE")
          .catch(() => undefined);
      await server.kill();
      for (const name of readdirSync(server.folder)) rmSync(join(server.folder, name), { recursive: true });
      cpSync(copied, server.folder, { recursive: true });
      await back();
    },
    move: async () => {
      await server.kill();
      const other = await startRedis(settings);
      await other.kill();
      cpSync(server.folder, other.folder, { recursive: true });
      renameSync(marks, `${marks}-moved`);
      marks = `${marks}-moved`;
      server = other;
      servers.push(other);
      await other.start();
    },
    loseMarks: () => rmSync(marks, { recursive: true }),
    restart: async () => {
      await server.kill();
      await back();
    },
    close: async () => {
      for (const store of running) await store.close();
      for (const each of servers) await each.stop();
      folder.remove();
    },
  };
  return bench;
}

/** Whether a step comes to the server, or is refused for what the server is. */
function isReached(store: Store): Promise<boolean> {
  return store.status({ id: "AAAAAAAAAAAAAAAAAAAAAA", link: hash() }).then(
    () => true,
    (error: StoreUnavailable) => error.reason === "rolled_back",
  );
}

async function fresh(settings: readonly string[]): Promise<RedisBench> {
  const bench = await openBench(settings);
  onTestFinished(() => bench.close());
  return bench;
}

describeHistory({ name: "Redis with appendfsync always", open: () => openBench(KEPT_ALWAYS) });
describeHistory({ name: "Redis with appendfsync everysec", open: () => openBench(KEPT_EVERY_SECOND, true) });

describe("Redis with appendfsync everysec", () => {
  /** The last beat is undone, as by a power cut that loses the last second. */
  const loseLastBeat = async (server: TestServer) => {
    const redis = server.client();
    const { age = "", beats = "" } = await redis.hgetall(AGE);
    const earlier = beats.split(" ").slice(0, -1).join(" ");
    await redis.hset(AGE, "age", Number(age) - 1, "beats", earlier);
  };

  test("goes on when a crash has lost the last second, under a running process and at a start", async () => {
    const bench = await fresh(KEPT_EVERY_SECOND);
    const store = await bench.start();
    const secret = await liveSample(store, { reads: 2 });
    await isOlder(store, 0);
    const { age } = await store.heartbeat();
    await loseLastBeat(bench.server());
    await bench.restart();
    expect(await store.open(secret.opening())).toMatchObject({ outcome: "opened" });
    expect((await store.heartbeat()).age).toBeGreaterThan(age);
    await bench.stop(store);
    await loseLastBeat(bench.server());
    const again = await bench.start();
    expect(again.warnings).toEqual([]);
    expect(await again.open(secret.opening())).toMatchObject({ outcome: "opened" });
  });

  test("was put back when a beat is missing that the store has outlived by more than five seconds", async () => {
    const bench = await fresh(KEPT_EVERY_SECOND);
    const store = await bench.start();
    const secret = await liveSample(store);
    await isOlder(store, 0);
    await bench.later(store);
    await loseLastBeat(bench.server());
    await expect(store.heartbeat()).rejects.toEqual(ROLLED_BACK);
    await expect(store.open(secret.opening())).rejects.toEqual(ROLLED_BACK);
  });
});

test("Redis with appendfsync always goes on after a plain restart, and loses no beat", async () => {
  const bench = await fresh(KEPT_ALWAYS);
  const store = await bench.start();
  const secret = await liveSample(store, { reads: 2 });
  await isOlder(store, 0);
  const { age } = await store.heartbeat();
  await bench.restart();
  expect((await store.heartbeat()).age).toBe(age);
  expect(await store.open(secret.opening())).toMatchObject({ outcome: "opened" });
  const second = await bench.start();
  expect(second.warnings).toEqual([]);
});

test("a step on a connection to a server that was put back is refused before it is sent", async () => {
  const bench = await fresh(KEPT_ALWAYS);
  const store = await bench.start();
  const { secret } = await readSince(store, bench.copy);
  await bench.putBack();
  await expect(store.open(secret.opening())).rejects.toEqual(ROLLED_BACK);
  expect(await bench.server().client().hget(`mayfly:{${secret.id}}`, "left")).toBe("1");
});

test("a snapshot that is put back under a running process serves nothing of before, and is no reason to halt for ever", async () => {
  const bench = await fresh(["save", "", "appendonly", "no"]);
  const store = await bench.start();
  const { secret } = await readSince(store, async () => {
    await bench.server().client().save();
    await bench.copy();
  });
  const { storeId } = await store.heartbeat();
  await bench.putBack();
  expect(await store.open(secret.opening())).toEqual({ outcome: "not_found" });
  expect((await store.heartbeat()).storeId).not.toBe(storeId);
  expect((await sweepOnce(store)).orphans).toBeGreaterThan(0);
  expect((await bench.start()).warnings).toEqual([]);
});

test("Redis goes on after an election, though the old primary had an age that no replica confirmed", async () => {
  const bench = await fresh(KEPT_ALWAYS);
  const replica = await startRedis([...KEPT_ALWAYS, "repl-diskless-sync-delay", "0"]);
  onTestFinished(() => replica.stop());
  const primary = bench.server();
  const redis = primary.client();
  await replica.client().call("REPLICAOF", "127.0.0.1", primary.port);
  await eventually(async () => (await redis.info("replication")).includes("state=online"), 15_000);
  const store = await bench.start(undefined, { count: 1, withinMs: 500 });
  const secret = await liveSample(store, { reads: 2 });
  await isOlder(store, 0);
  await opened(store, secret.opening());
  await replica.client().call("REPLICAOF", "NO", "ONE");
  const age = Number(await redis.hget(AGE, "age"));
  // Its beat is due, and no replica hears of it.
  await store.sweep({ batch: 10 });
  await isOlder(store, age);
  await bench.later(store);
  await bench.replaceBy(replica);
  const again = () => store.heartbeat().catch((error: StoreUnavailable) => error.reason);
  await eventually(async () => (await again()) !== "connection");
  expect(await again()).toMatchObject({ age: expect.any(Number) });
});

test("a store is not written by processes that only look at it", async () => {
  const bench = await fresh(KEPT_ALWAYS);
  const store = await bench.start();
  const secret = await liveSample(store);
  // A store that closes beats for every change that no beat has followed.
  await bench.stop(store);
  const looking = await bench.start();
  const { age } = await looking.heartbeat();
  expect(age).toBeGreaterThan(0);
  await looking.status(secret.byLink);
  await looking.open({ ...secret.opening(), id: "AAAAAAAAAAAAAAAAAAAAAA" });
  await bench.stop(looking);
  expect(Number(await bench.server().client().hget(AGE, "age"))).toBe(age);
});

test("two processes beat at most once a second together, and each change is followed by a beat", async () => {
  const bench = await fresh(KEPT_ALWAYS);
  const stores = [await bench.start(), await bench.start()];
  const first = await stores[0]?.heartbeat();
  for (let round = 0; round < 20; round++) for (const store of stores) await liveSample(store);
  const last = await stores[0]?.heartbeat();
  const seconds = ((last?.now ?? 0) - (first?.now ?? 0)) / 1_000;
  expect((last?.age ?? 0) - (first?.age ?? 0)).toBeLessThanOrEqual(seconds + 1);
  for (const store of stores) await bench.stop(store);
  const after = await bench.start();
  expect((await after.heartbeat()).age).toBeGreaterThan(first?.age ?? 0);
});

test("a sweep that runs while the store is discarded removes nothing that came after", async () => {
  const bench = await fresh(KEPT_ALWAYS);
  const sweeper = await bench.start();
  const redis = bench.server().client();
  await liveSample(sweeper);
  await isOlder(sweeper, 0);
  const { storeId } = await sweeper.heartbeat();
  // As a start with discard does it, between two looks of the other process.
  await redis.set("mayfly:{maintenance}:store", `${storeId} +0123456789ab`);
  const other = await bench.start();
  const secret = await liveSample(other);
  await sweepOnce(sweeper);
  expect(await other.open(secret.opening())).toMatchObject({ outcome: "opened" });
  expect((await sweeper.heartbeat()).storeId).toBe(storeId);
});
