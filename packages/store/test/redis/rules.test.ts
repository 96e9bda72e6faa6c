import { afterAll, describe, expect, test } from "vitest";
import { StoreRefused } from "../../src/index.ts";
import type { RedisPersistence } from "../../src/options.ts";
import { versionIn } from "../../src/redis/rules.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { eventually, startRedis } from "./server.ts";

const server = await startRedis();
afterAll(() => server.stop());
const redis = server.client();

const open = (url = server.url(), persistence: RedisPersistence = "any") =>
  openRedisStore({ url, commandTimeoutMs: 10_000, persistence, capacityBytes: 2 ** 40 });

async function refusal(opening: Promise<unknown>): Promise<string> {
  const error = await opening.then(
    () => new Error("opened"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(StoreRefused);
  return (error as StoreRefused).message;
}

test("of a server's version only digits and points are printed", () => {
  expect(versionIn("7.2.4")).toBe("7.2.4");
  expect(versionIn("7.0\u001b]0;owned\u0007.15\r\n\u202e")).toBe("7.00.15");
  expect(versionIn("9".repeat(1_000))).toHaveLength(20);
});

describe("opening", () => {
  for (const policy of ["volatile-lru", "allkeys-random", "volatile-ttl"]) {
    test(`is refused under ${policy}, and a running store reports it to the sweep`, async () => {
      const store = await open();
      await redis.config("SET", "maxmemory-policy", policy);
      try {
        expect(await refusal(open())).toContain(`maxmemory-policy is ${policy}`);
        expect(await store.ruleFaults()).toEqual([expect.stringContaining(`maxmemory-policy is ${policy}`)]);
      } finally {
        await redis.config("SET", "maxmemory-policy", "noeviction");
        expect(await store.ruleFaults()).toEqual([]);
        await store.close();
      }
    });
  }

  test("is refused when persistence differs from what was declared", async () => {
    expect(await refusal(open(server.url(), "aof"))).toBe(
      "Persistence is declared as aof, but the server has none.",
    );
    await redis.config("SET", "save", "3600 1");
    try {
      expect(await refusal(open(server.url(), "none"))).toContain("but the server has rdb");
      await (await open(server.url(), "rdb")).close();
    } finally {
      await redis.config("SET", "save", "");
    }
  });

  test("found an append-only file or none, and a change of that while running is reported to the sweep", async () => {
    for (const [before, after] of [
      ["no", "yes"],
      ["yes", "no"],
    ] as const) {
      await redis.config("SET", "appendonly", before);
      const store = await open();
      try {
        expect(await store.ruleFaults()).toEqual([]);
        await redis.config("SET", "appendonly", after);
        expect(await store.ruleFaults()).toEqual([
          expect.stringContaining("At the start an append-only file was"),
        ]);
        await redis.config("SET", "appendonly", before);
        expect(await store.ruleFaults()).toEqual([]);
      } finally {
        await redis.config("SET", "appendonly", "no");
        await store.close();
      }
    }
  });

  test("has no heartbeat while the append-only file is not as it was found: what is read now, the file would not know", async () => {
    await redis.config("SET", "appendonly", "yes");
    const store = await open();
    const told = () =>
      store.heartbeat().then(
        () => true,
        () => false,
      );
    try {
      expect(await told()).toBe(true);
      await redis.config("SET", "appendonly", "no");
      await eventually(async () => !(await told()));
      await redis.config("SET", "appendonly", "yes");
      await eventually(told);
    } finally {
      await redis.config("SET", "appendonly", "no");
      await store.close();
    }
  });

  test("is refused when CONFIG is forbidden to this user", async () => {
    await redis.acl("SETUSER", "narrow", "on", ">word", "~*", "&*", "+@all", "-config");
    const message = await refusal(open(`redis://narrow:word@127.0.0.1:${server.port}/0`));
    expect(message).toContain("CONFIG GET is forbidden");
    expect(message).toContain("MAYFLY_REDIS_UNVERIFIED=true accepts that");
  });

  test("without CONFIG is possible when that is declared; it says what nobody verifies, and verifies what INFO tells", async () => {
    await redis.acl("SETUSER", "narrow", "on", ">word", "~*", "&*", "+@all", "-config");
    const openNarrow = (persistence: RedisPersistence) =>
      openRedisStore({
        url: server.url(0, "narrow:word"),
        commandTimeoutMs: 10_000,
        persistence,
        capacityBytes: 2 ** 40,
        unverified: true,
      });
    const store = await openNarrow("any");
    try {
      expect(store.facts.join(" ")).toContain("UNVERIFIED, for CONFIG is forbidden");
      expect(store.facts.join(" ")).not.toContain("whether the server evicts");
      expect(store.facts.join(" ")).toContain("a restart of Redis ends every secret");
      expect(await store.ruleFaults()).toEqual([]);
      await redis.config("SET", "maxmemory-policy", "allkeys-lru");
      expect(await store.ruleFaults()).toEqual([expect.stringContaining("maxmemory-policy is allkeys-lru")]);
      expect(await refusal(openNarrow("aof"))).toContain(
        "Persistence is declared as aof, but the server has none.",
      );
    } finally {
      await redis.config("SET", "maxmemory-policy", "noeviction");
      await store.close();
    }
  });

  test("with a wrong password is refused in a sentence that does not repeat it", async () => {
    const message = await refusal(open(`redis://narrow:canary-word@127.0.0.1:${server.port}/0`));
    expect(message).toBe(`Redis at 127.0.0.1:${server.port} refused the user name or password.`);
  });

  test("works with user, password and database number", async () => {
    await redis.acl("SETUSER", "full", "on", ">p@ss:/word", "~*", "&*", "+@all");
    const store = await open(`redis://full:p%40ss%3A%2Fword@127.0.0.1:${server.port}/3`);
    expect(await server.client(3).exists("mayfly:{maintenance}:store")).toBe(1);
    await store.close();
  });

  test("is refused within its time when nobody listens", async () => {
    const gone = await startRedis();
    await gone.stop();
    expect(await refusal(open(`redis://:canary-word@127.0.0.1:${gone.port}`))).toBe(
      `Redis at 127.0.0.1:${gone.port} could not be reached.`,
    );
  });

  test("of a replica is refused", async () => {
    const replica = await startRedis(["replicaof", `127.0.0.1 ${server.port}`]);
    try {
      expect(await refusal(open(replica.url()))).toContain("The server is a replica");
    } finally {
      await replica.stop();
    }
  });
});

describe("facts", () => {
  test("tell what stays on disk and in the slow log", async () => {
    await redis.config("SET", "slowlog-log-slower-than", "-1");
    const quiet = await open();
    expect(quiet.facts.join(" ")).toContain("a restart of Redis ends every secret");
    expect(quiet.facts.join(" ")).not.toContain("SLOWLOG");
    await quiet.close();
    await redis.config("SET", "slowlog-log-slower-than", "10000");
    await redis.config("SET", "appendonly", "yes");
    const loud = await open();
    expect(loud.facts.join(" ")).toContain("destroyed ciphertext stays in it until it is rewritten");
    expect(loud.facts.join(" ")).toContain(
      "With appendfsync everysec a power failure can undo the last second",
    );
    expect(loud.facts.join(" ")).not.toContain("a restart of Redis ends every secret");
    expect(loud.facts.join(" ")).toContain("SLOWLOG is on");
    await loud.close();
    await redis.config("SET", "appendfsync", "always");
    const careful = await open();
    expect(careful.facts.join(" ")).not.toContain("power failure");
    await careful.close();
    await redis.config("SET", "appendfsync", "everysec");
    await redis.config("SET", "appendonly", "no");
  });
});
