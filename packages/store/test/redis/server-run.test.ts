import { afterEach, describe, expect, test } from "vitest";
import type { Store } from "../../src/index.ts";
import { parseAddress } from "../../src/redis/address.ts";
import { Connection } from "../../src/redis/connection.ts";
import { serverRunIn } from "../../src/redis/server-run.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { live, liveSample, opened, type Sample, sample } from "../conformance/sample.ts";
import { countOverdue, recordSweep, verify } from "../sweeps.ts";
import { eventually, startRedis, type TestServer } from "./server.ts";

let server: TestServer;
let store: Store;
afterEach(async () => {
  await store.close();
  await server.stop();
});

const open = () =>
  openRedisStore({ url: server.url(), commandTimeoutMs: 10_000, persistence: "any", capacityBytes: 2 ** 40 });

async function begin(settings: readonly string[]): Promise<void> {
  server = await startRedis(settings);
  store = await open();
}

async function sweepOnce(): Promise<void> {
  const startedAt = await store.now();
  const removed = await store.sweep({ batch: 10 });
  expect(await countOverdue(store, startedAt, { batch: 10 })).toBe(0);
  await recordSweep(store, { startedAt, removed, worker: "w", run: `run at ${startedAt}` });
}

async function heartbeatCounts(): Promise<boolean> {
  const { storeId, heartbeat } = await store.heartbeat();
  return heartbeat?.storeId === storeId;
}

/** As a power cut does it; the store finds the new server by itself. */
async function restart(): Promise<void> {
  await server.kill();
  await server.start();
  await eventually(() => store.canWrite());
}

/** One secret of each fate, all of them unread in what `save` puts away; then read, burned and locked. */
async function fates(save: () => Promise<unknown>) {
  const read = await liveSample(store, { parts: 2 });
  const burned = await liveSample(store);
  const locked = await liveSample(store, { passphrase: true });
  const unread = await liveSample(store, { parts: 2 });
  const reserved = sample({ parts: 2 });
  await store.reserve(reserved.reservation);
  await store.deposit(reserved.deposit(0));
  for (let i = 0; i < 9; i++) await store.open(locked.guess());
  await save();
  const opening = read.opening();
  await opened(store, opening);
  await store.acknowledge({ id: read.id, claim: opening.claim });
  expect(await store.burn(burned.byManage)).toEqual({ outcome: "burned" });
  expect(await store.open(locked.guess())).toMatchObject({ outcome: "gone", state: "locked" });
  return { read, burned, locked, unread, reserved };
}

describe("a server without an append-only file that starts again from a snapshot", () => {
  const save = () => server.client().call("SAVE");
  const NOT_FOUND = { outcome: "not_found" };

  async function expectNothingOf(secret: Sample): Promise<void> {
    const { claim } = secret.opening();
    expect(await store.open(secret.opening())).toEqual(NOT_FOUND);
    expect(await store.part({ id: secret.id, claim, part: 0 })).toEqual(NOT_FOUND);
    expect(await store.acknowledge({ id: secret.id, claim })).toEqual(NOT_FOUND);
    expect(await store.status(secret.byLink)).toEqual(NOT_FOUND);
    expect(await store.status(secret.byManage)).toEqual(NOT_FOUND);
    expect(await store.deposit(secret.deposit(0))).toEqual(NOT_FOUND);
    expect(await store.burn(secret.byManage)).toEqual(NOT_FOUND);
  }

  test("opens and tells nothing of the run before, to this process and to a new one, and the sweep removes it", async () => {
    await begin(["save", "3600 1"]);
    const secrets = Object.values(await fates(save));
    await restart();
    const redis = server.client();
    expect((await redis.keys("mayfly:*:part:*")).length).toBeGreaterThan(4);
    for (const secret of secrets) await expectNothingOf(secret);
    await store.close();
    store = await open();
    for (const secret of secrets) await expectNothingOf(secret);
    expect(await countOverdue(store, await store.now(), { batch: 10 })).toBeGreaterThanOrEqual(
      secrets.length,
    );
    const removed = await store.sweep({ batch: 10 });
    expect(removed.orphans).toBeGreaterThanOrEqual(secrets.length);
    expect(await redis.keys("mayfly:{??????????????????????}*")).toEqual([]);
    expect(await countOverdue(store, await store.now(), { batch: 10 })).toBe(0);
  });

  test("gives out no part to a claim that was bound in the run before", async () => {
    await begin(["save", "3600 1"]);
    const secret = await liveSample(store, { parts: 2 });
    const opening = secret.opening();
    await opened(store, opening);
    await save();
    await store.acknowledge({ id: secret.id, claim: opening.claim });
    await restart();
    expect(await store.open(opening)).toEqual(NOT_FOUND);
    expect(await store.part({ id: secret.id, claim: opening.claim, part: 1 })).toEqual(NOT_FOUND);
  });

  test("is known for another before any command reaches it, however many wait for it", async () => {
    await begin(["save", "3600 1"]);
    for (let round = 0; round < 3; round++) {
      const secret = await liveSample(store);
      await save();
      let stop = false;
      const seen = new Set<string>();
      const asking = Array.from({ length: 10 }, async () => {
        while (!stop) {
          const answer = await store.status(secret.byLink).catch(() => null);
          if (answer !== null) seen.add(answer.outcome);
          else await new Promise((resolve) => setImmediate(resolve));
        }
      });
      await server.kill();
      seen.clear();
      await server.start();
      await eventually(async () => seen.size > 0);
      stop = true;
      await Promise.all(asking);
      expect([...seen]).toEqual(["not_found"]);
    }
  });

  test("has another store's heartbeat, until a sweep of its own", async () => {
    await begin(["save", "3600 1"]);
    await sweepOnce();
    expect(await heartbeatCounts()).toBe(true);
    const before = (await store.heartbeat()).storeId;
    await save();
    await restart();
    const view = await store.heartbeat();
    expect(view.heartbeat).toMatchObject({ storeId: before, sequence: 1 });
    expect(view.storeId).not.toBe(before);
    expect((await store.heartbeat()).storeId).toBe(view.storeId);
    await sweepOnce();
    expect(await heartbeatCounts()).toBe(true);
    expect((await store.heartbeat()).heartbeat).toMatchObject({ storeId: view.storeId, sequence: 2 });
  });

  test("takes new secrets at once, and an id of the run before as if it had never been", async () => {
    await begin(["save", "3600 1"]);
    const { reserved, unread } = await fates(save);
    await restart();
    const fresh = await liveSample(store);
    expect((await opened(store, fresh.opening())).part).toEqual(fresh.parts[0]);
    await live(store, reserved);
    const other = sample({ parts: 2 });
    const { id } = unread;
    expect(await store.reserve({ ...other.reservation, id })).toMatchObject({ outcome: "reserved" });
    expect(await store.deposit({ ...other.deposit(0), id })).toEqual({ outcome: "incomplete", missing: [1] });
  });
});

describe("a server with an append-only file that starts again", () => {
  test("keeps what was read, burned and locked ended, what was unread unread, and its heartbeat", async () => {
    await begin(["appendonly", "yes", "appendfsync", "always"]);
    await sweepOnce();
    const { read, burned, locked, unread, reserved } = await fates(async () => undefined);
    await restart();
    expect(await store.open(read.opening())).toMatchObject({ outcome: "gone", state: "opened" });
    expect(await store.open(burned.opening())).toMatchObject({ outcome: "gone", state: "burned" });
    expect(await store.open(locked.opening())).toMatchObject({ outcome: "gone", state: "locked" });
    expect((await opened(store, unread.opening())).part).toEqual(unread.parts[0]);
    expect(await store.deposit(reserved.deposit(1))).toMatchObject({ outcome: "live" });
    expect(await heartbeatCounts()).toBe(true);
  });
});

describe("a sweep over which the server starts again", () => {
  test("is not complete, though every step of it was answered", async () => {
    await begin([]);
    for (let i = 0; i < 50; i++) await liveSample(store);
    const sweep = store.sweep({ batch: 1 });
    const outcome = expect(sweep).rejects.toMatchObject({ reason: "connection" });
    await restart();
    await outcome;
  });

  test.each([
    ["without an append-only file", []],
    ["with one, which may have lost what was destroyed last", ["appendonly", "yes"]],
  ])("is not recorded when it was verified on the run before, %s", async (_, settings) => {
    await begin(settings);
    const startedAt = await store.now();
    const removed = await store.sweep({ batch: 10 });
    const verification = await verify(store, startedAt);
    await restart();
    const report = { verification, removed, worker: "w", run: "r" };
    await expect(store.recordSweep(report)).rejects.toMatchObject({ reason: "failed" });
    expect((await store.heartbeat()).heartbeat).toBeNull();
    await sweepOnce();
    expect(await heartbeatCounts()).toBe(true);
  });
});

test("a connection that is lost leads to no run", async () => {
  await begin(["appendonly", "yes"]);
  const connection = await Connection.open(parseAddress(server.url()), 2_000);
  expect(connection.run?.id).toHaveLength(40);
  await server.kill();
  await eventually(async () => connection.run === null);
  await connection.close();
});

describe("INFO", () => {
  const id = `${"0123456789abcdef".repeat(2)}01234567`;

  test("tells the run, which binds unless an append-only file is kept", async () => {
    await begin([]);
    const text = `# Server\r\nrun_id:${id}\r\n# Persistence\r\naof_enabled:`;
    expect(serverRunIn(`${text}0\r\n`)).toEqual({ id, binding: "0123456789abcdef" });
    expect(serverRunIn(`${text}1\r\n`)).toEqual({ id, binding: "" });
    expect(serverRunIn(`${text}0\r\nloading:1\r\n`)).toBeNull();
    expect(serverRunIn(`${text}1\r\nloading:0\r\n`)).toEqual({ id, binding: "" });
    expect(serverRunIn("# Server\r\nrun_id:\r\n")).toBeNull();
    expect(serverRunIn(await server.client().info())?.id).toHaveLength(40);
  });
});
