import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Store, StoreUnavailable } from "../../src/index.ts";
import { parseAddress } from "../../src/redis/address.ts";
import { ConfirmedSteps } from "../../src/redis/confirmed-steps.ts";
import { Connection } from "../../src/redis/connection.ts";
import { script } from "../../src/redis/record.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { hash, live, liveSample, opened, type Sample, sample } from "../conformance/sample.ts";
import { recordSweep } from "../sweeps.ts";
import { eventually, settlesWithin, startRedis, type TestServer } from "./server.ts";

const TIMEOUT_MS = 1_000;
const WITHIN_MS = 200;
const UNCONFIRMED = new StoreUnavailable("replicas");
const AOF = ["appendonly", "yes", "repl-diskless-sync-delay", "0", "save", ""];
/** A ping is written to the replicas, who confirm it like everything else. */
const PINGS = ["repl-ping-replica-period", "600", "repl-timeout", "600"];

let primary: TestServer;
let replica: TestServer;
/** Between the two: a stopped replica would still get what is in the socket's buffer. */
let link: TcpProxy | undefined;
const stores: Store[] = [];

beforeAll(async () => {
  [primary, replica] = await Promise.all([startRedis([...AOF, ...PINGS]), startRedis([...AOF, ...PINGS])]);
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await link?.close();
  link = undefined;
});
afterAll(() => Promise.all([primary.stop(), replica.stop()]));

async function open(server: TestServer, count = 1): Promise<Store> {
  const options = { commandTimeoutMs: TIMEOUT_MS, persistence: "any", capacityBytes: 2 ** 40 } as const;
  const replicas = count === 0 ? {} : { replicas: { count, withinMs: WITHIN_MS } };
  const store = await openRedisStore({ url: server.url(), ...options, ...replicas });
  stores.push(store);
  return store;
}

/** `second` follows `first` through a proxy of its own. */
async function follow(first = primary, second = replica): Promise<void> {
  await link?.close();
  link = await TcpProxy.start(first.port);
  await second.client().call("REPLICAOF", "127.0.0.1", link.port);
  await eventually(async () => (await first.client().info("replication")).includes("state=online"), 15_000);
  await eventually(
    async () => (await second.client().info("replication")).includes("master_link_status:up"),
    15_000,
  );
  // In step, too: right after a full copy a busy replica may not confirm within the store's time.
  await first.client().set("in-step", 1);
  await eventually(async () => (await first.client().wait(1, WITHIN_MS / 2)) >= 1, 15_000);
}

describe("while the replica hears nothing", () => {
  test("no verb gives out, ends or makes live, and each does when the same call comes again", async () => {
    await follow();
    const store = await open(primary);
    const [read, leased, burned] = [
      await liveSample(store),
      await liveSample(store, { parts: 2 }),
      await liveSample(store),
    ];
    const reserved = sample();
    await store.reserve(reserved.reservation);
    const [opening, running] = [read.opening(), leased.opening()];
    await opened(store, running);
    const part = { id: leased.id, claim: running.claim, part: 1 };
    const calls: (() => Promise<{ outcome: string }>)[] = [
      () => store.open(opening),
      () => store.part(part),
      () => store.deposit(reserved.deposit(0)),
      () => store.acknowledge({ id: leased.id, claim: running.claim }),
      () => store.burn(burned.byManage),
    ];
    await link?.close();
    for (const call of calls.filter((_, i) => i !== 3)) await expect(call()).rejects.toEqual(UNCONFIRMED);
    await expect(store.open(opening)).rejects.toEqual(UNCONFIRMED);
    await expect(store.acknowledge({ id: leased.id, claim: running.claim })).rejects.toEqual(UNCONFIRMED);
    expect((await store.heartbeat()).storeId).not.toBe("");
    await follow();
    const answers = await Promise.all(calls.map((call) => call().catch(() => null)));
    expect(answers.map((answer) => answer?.outcome)).toEqual([
      "opened",
      expect.stringMatching("part|gone"),
      "live",
      "acknowledged",
      "burned",
    ]);
    expect(await store.open(read.opening())).toMatchObject({ outcome: "gone" });
  });

  test("the status tells no read and no end that would be undone if the primary were lost, and what was left alone it tells", async () => {
    await follow();
    const store = await open(primary);
    const [read, burned, alone] = [
      await liveSample(store, { reads: 2 }),
      await liveSample(store),
      await liveSample(store),
    ];
    await link?.close();
    await expect(store.open(read.opening())).rejects.toEqual(UNCONFIRMED);
    await expect(store.burn(burned.byManage)).rejects.toEqual(UNCONFIRMED);
    await expect(store.status(read.byLink)).rejects.toEqual(UNCONFIRMED);
    await expect(store.status(burned.byManage)).rejects.toEqual(UNCONFIRMED);
    expect(await store.status(alone.byLink)).toMatchObject({ state: "live", readsLeft: 1 });
    await follow();
    expect(await store.status(read.byLink)).toMatchObject({ state: "live", readsLeft: 1 });
    expect(await store.status(burned.byManage)).toMatchObject({ state: "burned" });
  });

  test("an id without its link is answered like one that was never given out", async () => {
    await follow();
    const store = await open(primary);
    const secret = await liveSample(store);
    const stranger = sample();
    const calls = (id: string): (() => Promise<{ outcome: string }>)[] => [
      () => store.open({ ...stranger.opening(), id }),
      () => store.part({ id, claim: hash(), part: 0 }),
      () => store.acknowledge({ id, claim: hash() }),
      () => store.deposit({ ...stranger.deposit(0), id }),
      () => store.burn({ id, manage: hash() }),
      () => store.status({ id, link: hash() }),
    ];
    // All that was written is confirmed, and the link is up: nothing has to be waited for, unless something is written.
    const replication = () => primary.client().info("replication");
    await eventually(async () => {
      const [, offset] = /master_repl_offset:(\d+)/.exec(await replication()) ?? [];
      return (await replication()).includes(`offset=${offset},`);
    }, 15_000);
    link?.holdAnswers();
    for (const id of [stranger.id, secret.id])
      for (const call of calls(id)) expect(await call()).toEqual({ outcome: "not_found" });
  });

  test("no passphrase attempt is told that would be given back if the primary were lost", async () => {
    await follow();
    const store = await open(primary);
    const secret = await liveSample(store, { passphrase: true });
    await link?.close();
    expect(await store.status(secret.byLink)).toMatchObject({ attemptsLeft: 10 });
    await expect(store.open(secret.guess())).rejects.toEqual(UNCONFIRMED);
    await expect(store.status(secret.byLink)).rejects.toEqual(UNCONFIRMED);
    await follow();
    expect(await store.status(secret.byLink)).toMatchObject({ attemptsLeft: 9 });
  });

  test("a sweep is not recorded for certain, and is when the same call comes again", async () => {
    await follow();
    const store = await open(primary);
    const startedAt = await store.now();
    const report = { startedAt, removed: await store.sweep({ batch: 10 }), worker: "w", run: "run" };
    await link?.close();
    await expect(recordSweep(store, report)).rejects.toEqual(UNCONFIRMED);
    await expect(recordSweep(store, report)).rejects.toEqual(UNCONFIRMED);
    await follow();
    const recorded = await recordSweep(store, report);
    expect((await store.heartbeat()).heartbeat).toEqual(recorded);
    const sequence = (recorded?.sequence ?? 0) + 1;
    expect(await recordSweep(store, { ...report, run: "the next" })).toMatchObject({ sequence });
  });

  test("a start and the sweep say that too few are in step", async () => {
    await follow();
    const store = await open(primary);
    expect(await store.ruleFaults()).toEqual([]);
    expect(store.facts.join(" ")).toContain("Every replica confirms each read");
    await link?.close();
    await replica.client().call("REPLICAOF", "NO", "ONE");
    const fault = "MAYFLY_REDIS_WAIT_REPLICAS is 1, but 0 replicas are in step: nothing would be given out.";
    await eventually(async () => (await store.ruleFaults()).includes(fault));
    await expect(open(primary)).rejects.toMatchObject({ name: "StoreRefused", faults: [fault] });
  });

  test("fifty callers are all told within their time", async () => {
    await follow();
    const store = await open(primary);
    const secret = await liveSample(store);
    await link?.close();
    const told = Promise.allSettled(Array.from({ length: 50 }, () => store.open(secret.opening())));
    expect(await settlesWithin(TIMEOUT_MS + 200, told)).toBe(true);
    const calls = await told;
    const reasons = calls.map((call) => (call.status === "rejected" ? call.reason.reason : "answered"));
    expect(new Set(reasons)).toEqual(
      new Set(["replicas", "busy", "timeout"].filter((r) => reasons.includes(r))),
    );
  });
});

test("every confirmed step writes, also when it is sent again and finds its work done", async () => {
  await follow();
  const store = await open(primary);
  const redis = primary.client();
  const secret = await liveSample(store, { parts: 2 });
  const opening = secret.opening();
  await opened(store, opening);
  const offset = async () => Number(/master_repl_offset:(\d+)/.exec(await redis.info("replication"))?.[1]);
  const { id } = secret;
  for (const again of [
    () => store.open(opening),
    () => store.part({ id, claim: opening.claim, part: 0 }),
    () => store.deposit(secret.deposit(0)),
    () => store.acknowledge({ id, claim: opening.claim }),
    () => store.acknowledge({ id, claim: opening.claim }),
    () => store.open(secret.opening()),
  ]) {
    const before = await offset();
    await again();
    // A GETACK is 37 bytes, a ping 14: no write is that short.
    expect((await offset()) - before).toBeGreaterThan(60);
  }
});

test("a script that the server has forgotten is confirmed as well", async () => {
  await follow();
  const store = await open(primary);
  const secret = await liveSample(store);
  await primary.client().script("FLUSH");
  await link?.close();
  await expect(store.open(secret.opening())).rejects.toEqual(UNCONFIRMED);
});

test("a step whose caller was told that it failed is not sent late, however long its connection would have waited", async () => {
  const proxy = await TcpProxy.start(primary.port);
  const connection = await Connection.open(parseAddress(proxy.redisUrl), 10 * TIMEOUT_MS);
  const steps = new ConfirmedSteps([connection], { count: 1, withinMs: WITHIN_MS }, WITHIN_MS);
  const redis = primary.client();
  const read = script("read", 1, "", "return { now, redis.call('INCR', KEYS[1]) }");
  try {
    await connection.execute(read, ["{late}"], []);
    await redis.set("{late}", 0);
    proxy.dropAnswerTo("{late}", "cut");
    await expect(steps.execute(read, ["{late}"], [])).rejects.toMatchObject({ reason: "timeout" });
    proxy.mend();
    await eventually(() => connection.command("PING").then(Boolean, () => false));
    // In order: what was sent when the connection came back has been done.
    expect(await connection.command("GET", "{late}")).toBe("1");
  } finally {
    await steps.close();
    await proxy.close();
  }
});

test("the status, which may be asked for twice, is told in the time of one step", async () => {
  await follow();
  const near = await open(primary);
  const secret = await liveSample(near);
  await opened(near, secret.opening());
  const proxy = await TcpProxy.start(primary.port);
  try {
    const store = await open({ ...primary, url: () => proxy.redisUrl });
    expect(await store.status(secret.byLink)).toMatchObject({ state: "claimed" });
    proxy.delay(0.7 * TIMEOUT_MS);
    const told = store.status(secret.byLink);
    expect(await settlesWithin(TIMEOUT_MS + 200, told)).toBe(true);
    await expect(told).rejects.toEqual(new StoreUnavailable("timeout"));
  } finally {
    await proxy.close();
  }
});

test("many readers at once: one of fifty has the bytes, and none waits in vain", async () => {
  await follow();
  const store = await open(primary);
  for (let round = 0; round < 5; round++) {
    const secret = await liveSample(store);
    const answers = await Promise.all(Array.from({ length: 50 }, () => store.open(secret.opening(hash()))));
    expect(answers.filter(({ outcome }) => outcome === "opened")).toHaveLength(1);
  }
});

describe("when the primary is lost and the replica promoted", () => {
  test("what was confirmed is there, and nobody has the bytes of a secret that another claim had", async () => {
    await follow();
    const store = await open(primary);
    const secrets: Sample[] = [];
    for (let i = 0; i < 12; i++) secrets.push(await liveSample(store));
    const unread = secrets.slice(8);
    const had = new Set<string>();
    const tryRead = async (of: Store, i: number) => {
      const secret = secrets[i];
      const answer = await of.open((secret as Sample).opening()).catch(() => null);
      return answer?.outcome ?? "unavailable";
    };
    for (let i = 0; i < 4; i++) if ((await tryRead(store, i)) === "opened") had.add(String(i));
    await link?.close();
    for (let i = 4; i < 8; i++) expect(await tryRead(store, i)).toBe("unavailable");
    const late = sample();
    await store.reserve(late.reservation);
    await expect(store.deposit(late.deposit(0))).rejects.toEqual(UNCONFIRMED);
    await primary.kill();
    await replica.client().call("REPLICAOF", "NO", "ONE");

    const after = await open(replica, 0);
    for (let i = 0; i < 4; i++) expect(await tryRead(after, i)).toBe("gone");
    for (let i = 4; i < 8; i++) expect(await tryRead(after, i)).toBe("opened");
    for (const secret of unread)
      expect(await after.open(secret.opening())).toMatchObject({ outcome: "opened" });
    expect(had.size).toBe(4);
    expect(await after.open(late.opening())).toEqual({ outcome: "not_found" });
    await live(after, late);
    await primary.start();
  });

  test("one that keeps no append-only file serves nothing of what it has", async () => {
    await follow();
    const store = await open(primary);
    const secret = await liveSample(store);
    await replica.client().config("SET", "appendonly", "no");
    try {
      await link?.close();
      await replica.client().call("REPLICAOF", "NO", "ONE");
      const after = await open(replica, 0);
      expect(await after.open(secret.opening())).toEqual({ outcome: "not_found" });
    } finally {
      await replica.client().config("SET", "appendonly", "yes");
    }
  });
});

test("a server without an append-only file is refused: its replicas could not go on with what it took", async () => {
  const redis = primary.client();
  await follow();
  await redis.config("SET", "appendonly", "no");
  try {
    await expect(open(primary)).rejects.toThrow("wants an append-only file");
  } finally {
    await redis.config("SET", "appendonly", "yes");
  }
});
