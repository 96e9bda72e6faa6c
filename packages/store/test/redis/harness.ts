import type { Cluster, Redis } from "ioredis";
import type { Store } from "../../src/contract/store.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import type { Bench, Harness } from "../conformance/harness.ts";
import { sample } from "../conformance/sample.ts";
import { makeLeastUser } from "./least-user.ts";
import { startRedis } from "./server.ts";

const MARK = "mayfly:{maintenance}:mark";
const AGE = "mayfly:{maintenance}:age";
const AHEAD_MS = 3_600_000;

export const SUPPORTS: Harness["supports"] = {
  endDue: "Redis drops parts by itself at the end that each step gave them (expiry.test.ts)",
  clockBehind: "the high-water mark leads the server's clock, so that time stands still",
};

/**
 * Benches in the sixteen databases of one server. Their time stands still because the high-water mark is an hour ahead of the
 * server's own clock: what the server drops by its own clock, a bench keeps, and the store must answer right all the same.
 */
export async function redisHarness(): Promise<Harness & { stop(): Promise<void> }> {
  const server = await startRedis();
  const user = await makeLeastUser(server.client());
  const free = Array.from({ length: 16 }, (_, db) => db);
  return {
    name: "Redis",
    supports: SUPPORTS,
    open: async ({ freeBytes = 2 ** 40 } = {}) => {
      const db = free.shift();
      if (db === undefined) throw new Error("all databases are in use");
      const redis = server.client(db);
      return openBench({
        redis,
        url: server.url(db, user),
        freeBytes,
        nodes: [redis],
        keys: (pattern) => redis.keys(pattern),
        flush: async () => void (await redis.flushdb()),
        release: () => {
          redis.disconnect();
          free.push(db);
        },
      });
    },
    stop: () => server.stop(),
  };
}

/** Where a bench keeps its store: a database, or a whole cluster. */
export interface BenchGround {
  /** Looks past the store's own logic. */
  readonly redis: Redis | Cluster;
  readonly url: string;
  readonly freeBytes: number;
  /** Every server that keeps secrets. */
  readonly nodes: readonly Redis[];
  /** Keys that match, wherever they are. */
  keys(pattern: string): Promise<string[]>;
  /** Removes every key. */
  flush(): Promise<void>;
  /** The bench is closed, and its ground empty. */
  release(): void;
}

export async function openBench({
  redis,
  url,
  freeBytes,
  nodes,
  keys,
  flush,
  release,
}: BenchGround): Promise<Bench> {
  await flush();
  let mark = Date.now() + AHEAD_MS;
  await redis.set(MARK, mark);
  const open = (capacityBytes: number) =>
    openRedisStore({
      url,
      commandTimeoutMs: 20_000,
      persistence: "none",
      capacityBytes,
    });
  // What a server keeps for the connections and scripts of a store is there before its memory is measured.
  if (freeBytes < 2 ** 40) await (await open(2 ** 40)).close();
  const capacityBytes = (await usedBytes(nodes)) + freeBytes;
  let store: Store = await open(capacityBytes);
  return {
    store: () => store,
    advance: async (ms) => {
      mark += ms;
      await redis.set(MARK, mark);
      await store.now();
    },
    // The server's clock is an hour and more behind the mark already, as after setting it back.
    setClockBack: async () => undefined,
    reopen: async () => {
      await store.close();
      store = await open(capacityBytes);
    },
    hasCiphertext: async (id) => (await keys(`mayfly:{${id}}:part:*`)).length > 0,
    recordCount: async () => (await keys("mayfly:{??????????????????????}")).length,
    dump: async () => dump(redis, await keys("*")),
    spoilHeartbeat: async () => {
      await redis.hset("mayfly:{maintenance}:heartbeat", "sequence", "many");
    },
    corrupt: async (corruption, id, claim) => {
      const record = `mayfly:{${id}}`;
      const own = new Map<string, string | Buffer>([
        ["RECORD", record],
        ["PART0", `${record}:part:0`],
        ["PART1", `${record}:part:1`],
        ["CLAIM", Buffer.concat([Buffer.from("claim:"), claim])],
      ]);
      for (const [command = "", ...words] of corruption.redis)
        await redis.call(command, ...words.map((word) => own.get(word) ?? word));
    },
    breakages: breakages(redis, () => store),
    close: async () => {
      await store.close();
      await flush();
      release();
    },
  };
}

async function usedBytes(nodes: readonly Redis[]): Promise<number> {
  const infos = await Promise.all(nodes.map((node) => node.info("memory")));
  return infos.reduce((sum, info) => sum + Number(/used_memory:(\d+)/.exec(info)?.[1]), 0);
}

async function dump(redis: Redis | Cluster, keys: readonly string[]): Promise<string> {
  const lines: string[] = [];
  for (const key of [...keys].sort()) {
    if (key === MARK || key === AGE) continue;
    const value =
      (await redis.type(key)) === "hash" ? await redis.hgetallBuffer(key) : await redis.getBuffer(key);
    lines.push(`${key} ${await redis.pexpiretime(key)} ${JSON.stringify(value)}`);
  }
  return lines.join("\n");
}

function breakages(redis: Redis | Cluster, store: () => Store): Bench["breakages"] {
  const planted = async (parts: number) => {
    const secret = sample({ parts });
    await store().reserve(secret.reservation);
    for (const part of secret.parts.keys()) await store().deposit(secret.deposit(part));
    return `mayfly:{${secret.id}}`;
  };
  return [
    {
      name: "a record without an expiry",
      plant: async () => void (await redis.persist(await planted(1))),
    },
    {
      name: "a part without an expiry",
      plant: async () => void (await redis.persist(`${await planted(2)}:part:1`)),
    },
    {
      name: "parts without a record",
      plant: async () => void (await redis.del(await planted(3))),
    },
    {
      name: "a live record that misses a part",
      plant: async () => void (await redis.del(`${await planted(3)}:part:1`)),
    },
    {
      name: "a record that lost a field, and its parts",
      plant: async () => void (await redis.hdel(await planted(3), "parts")),
    },
    {
      name: "a record of another type",
      plant: async () => void (await redis.set(await planted(1), "text")),
    },
    {
      name: "a part beyond the last",
      plant: async () => void (await redis.set(`${await planted(1)}:part:1`, "bytes", "EX", 60)),
    },
  ];
}
