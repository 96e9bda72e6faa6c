import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Store, StoreUnavailable } from "../../src/index.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { hash, live, liveSample, opened, sample } from "../conformance/sample.ts";
import { recordSweep } from "../sweeps.ts";
import { insist } from "./insist.ts";
import { eventually, settlesWithin, startRedis } from "./server.ts";

const TIMEOUT_MS = 500;
/** The slow log holds every command, so that a test sees what reached the server. */
const server = await startRedis(["slowlog-log-slower-than", "0", "slowlog-max-len", "10000"]);
afterAll(() => server.stop());

let proxy: TcpProxy;
let store: Store;
beforeEach(async () => {
  proxy = await TcpProxy.start(server.port);
  store = await openRedisStore({
    url: proxy.redisUrl,
    commandTimeoutMs: TIMEOUT_MS,
    persistence: "none",
    capacityBytes: 2 ** 40,
  });
});
afterEach(async () => {
  proxy.release();
  await store.close();
  await proxy.close();
});

describe("an answer that is lost after the step was done", () => {
  test("costs no read: the same claim gets the bytes, and no other claim ever does", async () => {
    for (let i = 0; i < 20; i++) {
      const secret = await liveSample(store);
      const opening = secret.opening();
      proxy.dropAnswerTo(secret.id);
      const answer = await insist(() => store.open(opening));
      expect(answer).toMatchObject({ outcome: "opened", part: secret.parts[0], readsLeft: 0 });
      expect(proxy.dropped).toBe(i + 1);
      expect(await store.open(secret.opening())).toMatchObject({ outcome: "gone" });
    }
  });

  test("costs one passphrase attempt, not two", async () => {
    const secret = await liveSample(store, { passphrase: true });
    const guess = secret.guess();
    proxy.dropAnswerTo(secret.id);
    expect(await insist(() => store.open(guess))).toEqual({ outcome: "wrong_passphrase", attemptsLeft: 9 });
    expect(await store.status(secret.byLink)).toMatchObject({ attemptsLeft: 9 });
  });

  test("changes neither reserve nor deposit nor acknowledge nor burn", async () => {
    const secret = sample();
    proxy.dropAnswerTo(secret.id);
    expect(await insist(() => store.reserve(secret.reservation))).toMatchObject({ outcome: "reserved" });
    proxy.dropAnswerTo(secret.id);
    expect(await insist(() => store.deposit(secret.deposit(0)))).toMatchObject({ outcome: "live" });
    const opening = secret.opening();
    await opened(store, opening);
    proxy.dropAnswerTo(secret.id);
    const request = { id: secret.id, claim: opening.claim };
    expect(await insist(() => store.acknowledge(request))).toEqual({ outcome: "acknowledged" });
    const other = await liveSample(store);
    proxy.dropAnswerTo(other.id);
    expect(await insist(() => store.burn(other.byManage))).toEqual({ outcome: "burned" });
    expect(proxy.dropped).toBe(4);
  });

  test("of a recorded sweep counts one run", async () => {
    const removed = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };
    const report = { startedAt: await store.now(), removed, worker: "w" };
    const first = await recordSweep(store, { ...report, run: "run-a" });
    proxy.dropAnswerTo("run-b");
    const answer = await insist(() => recordSweep(store, { ...report, run: "run-b" }));
    expect([first?.sequence, answer?.sequence]).toEqual([1, 2]);
    expect(proxy.dropped).toBe(1);
  });

  test("loses the secret where it is read and deleted in one command (the guard's guard)", async () => {
    const naive = new Redis(proxy.redisUrl);
    naive.on("error", () => undefined);
    await naive.set("naive", "the only copy");
    proxy.dropAnswerTo("getdel");
    expect(await naive.getdel("naive")).toBeNull();
    expect(proxy.dropped).toBe(1);
    expect(await server.client().get("naive")).toBeNull();
    naive.disconnect();
  });
});

describe("a server that does not answer", () => {
  test("settles every verb within the command timeout and 200 ms, and is used again when it answers", async () => {
    const secret = await liveSample(store);
    proxy.holdAnswers();
    const calls = [
      store.reserve(sample().reservation),
      store.deposit(secret.deposit(0)),
      store.open(secret.opening()),
      store.part({ id: secret.id, claim: hash(), part: 0 }),
      store.acknowledge({ id: secret.id, claim: hash() }),
      store.status(secret.byLink),
      store.heartbeat(),
      store.take([{ bucket: "bucket", windowMs: 1_000, amount: 1 }]),
      store.sweep({ batch: 10 }),
    ];
    const outcomes = Promise.allSettled(calls);
    expect(await settlesWithin(TIMEOUT_MS + 200, outcomes)).toBe(true);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: new StoreUnavailable("timeout") });
    }
    expect(await store.canWrite()).toBe(false);
    proxy.release();
    await eventually(() => store.canWrite());
  });

  test("is given up with its connection, so that a new connection is found without anybody's help", async () => {
    proxy.holdAnswers();
    await expect(store.now()).rejects.toThrow(StoreUnavailable);
    // Only what the held connection would have said is lost; a new one is answered.
    proxy.forget();
    await eventually(() => store.canWrite());
  });

  test("never gets a step late whose caller was told that it failed", async () => {
    const secret = await liveSample(store);
    const redis = server.client();
    await redis.slowlog("RESET");
    /** Steps about this secret, among what this process does besides. */
    const steps = async () => {
      const log = (await redis.slowlog("GET", -1)) as [number, number, number, string[]][];
      const commands = log.map(([, , , words]) => words.join(" "));
      return commands.filter((words) => /^eval/i.test(words) && words.includes(secret.id)).length;
    };
    proxy.dropAnswerTo(secret.id, "cut");
    await expect(store.open(secret.opening())).rejects.toEqual(new StoreUnavailable("connection"));
    expect(await steps()).toBe(1);
    proxy.mend();
    await eventually(() => store.canWrite());
    expect(await steps()).toBe(1);
  });

  test("gets such a step late from the driver's own re-sending (the guard's guard)", async () => {
    const redis = server.client();
    const naive = new Redis(proxy.redisUrl, { commandTimeout: 200, retryStrategy: () => 20 });
    naive.on("error", () => undefined);
    await naive.set("late", 0);
    proxy.dropAnswerTo("incr", "cut");
    await expect(naive.incr("late")).rejects.toThrow("timed out");
    expect(await redis.get("late")).toBe("1");
    proxy.mend();
    await eventually(async () => (await redis.get("late")) === "2");
    naive.disconnect();
  });
});

describe("a server that is down", () => {
  test("fails every verb within a second, runs none of them later, and is used again when it is back", async () => {
    const secret = sample();
    await live(store, secret);
    const reserved = sample();
    const inFlight = Array.from({ length: 20 }, () => store.open(secret.opening()));
    await server.kill();
    const calls = [
      ...inFlight,
      store.reserve(reserved.reservation),
      store.deposit(secret.deposit(0)),
      store.open(secret.opening()),
      store.burn(secret.byManage),
      store.heartbeat(),
    ];
    const outcomes = Promise.allSettled(calls);
    expect(await settlesWithin(1_000, outcomes)).toBe(true);
    for (const outcome of (await outcomes).slice(inFlight.length)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: new StoreUnavailable("connection") });
    }
    await server.start();
    await eventually(() => store.canWrite());
    const commands = async () => JSON.stringify(await server.client().slowlog("GET", -1));
    expect(await commands()).not.toMatch(new RegExp(`${secret.id}|${reserved.id}`));
    expect((await store.heartbeat()).storeId).not.toBe("");
    const later = await liveSample(store);
    expect(await commands()).toContain(later.id);
  });
});

describe("a server that forgot the scripts", () => {
  test("is told them again, whoever asks first", async () => {
    const secret = await liveSample(store);
    await server.client().script("FLUSH");
    const answers = await Promise.all(Array.from({ length: 20 }, () => store.open(secret.opening())));
    expect(answers.filter(({ outcome }) => outcome === "opened")).toHaveLength(1);
    expect(answers.filter(({ outcome }) => outcome === "gone")).toHaveLength(19);
  });
});

describe("errors", () => {
  test("carry a word, and nothing of the command", async () => {
    const secret = await liveSample(store);
    const redis = server.client();
    await redis.call("ACL", "SETUSER", "default", "-hmget");
    const error = await store.open(secret.opening()).catch((thrown: unknown) => thrown);
    await redis.call("ACL", "SETUSER", "default", "+hmget");
    expect(error).toEqual(new StoreUnavailable("failed"));
    expect(Object.keys(error as Error).sort()).toEqual(["name", "reason"]);
    expect(String((error as Error).stack)).not.toContain(secret.id);
    expect((error as Error).cause).toBeUndefined();
  });
});
