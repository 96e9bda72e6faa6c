import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/index.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { sample } from "../conformance/sample.ts";
import { recordSweep } from "../sweeps.ts";
import { makeLeastUser } from "./least-user.ts";
import { eventually, startRedis, type TestServer } from "./server.ts";

const AOF = ["appendonly", "yes", "appendfsync", "always", "repl-diskless-sync-delay", "0"];
const BYTES = 60_000;

const options = { commandTimeoutMs: 5_000, persistence: "any", capacityBytes: 2 ** 40 } as const;

async function started(settings: readonly string[]): Promise<TestServer> {
  const server = await startRedis(settings);
  onTestFinished(() => server.stop());
  return server;
}

/** Opens as the user that REDIS.md gives. */
async function opened(server: TestServer, more: Partial<Parameters<typeof openRedisStore>[0]> = {}) {
  const store = await openRedisStore({
    ...options,
    url: server.url(0, await makeLeastUser(server.client())),
    ...more,
  });
  onTestFinished(() => store.close());
  return store;
}

async function deposited(store: Store) {
  const bytes = randomBytes(BYTES);
  const secret = sample();
  await store.reserve({ ...secret.reservation, bytes: BYTES, partBytes: BYTES });
  await store.deposit({ ...secret.byManage, part: 0, bytes });
  return { ...secret, canary: bytes.subarray(30_000, 30_024) };
}

/** Files of a server that hold these bytes. */
async function filesWith(server: TestServer, canary: Buffer): Promise<string[]> {
  const [, folder = ""] = (await server.client().config("GET", "dir")) as string[];
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return names
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      try {
        return readFileSync(path).includes(canary);
      } catch {
        // Removed meanwhile.
        return false;
      }
    });
}

async function swept(store: Store): Promise<void> {
  const startedAt = await store.now();
  const removed = await store.sweep({ batch: 100 });
  await recordSweep(store, { startedAt, removed, worker: "w", run: randomBytes(8).toString("hex") });
}

const rewrites = async (server: TestServer) =>
  Number(/aof_rewrites:(\d+)/.exec(await server.client().info("persistence"))?.[1]);

test("no append-only file holds an envelope after the sweep that follows its end", async () => {
  const server = await started(AOF);
  const store = await opened(server, { persistence: "aof" });
  await swept(store);
  const secret = await deposited(store);
  const opening = secret.opening();
  await store.open(opening);
  await store.acknowledge({ id: secret.id, claim: opening.claim });
  expect(await filesWith(server, secret.canary)).not.toEqual([]);
  await swept(store);
  await eventually(async () => (await filesWith(server, secret.canary)).length === 0);
  expect(store.erasedWithinSeconds).toBe(7_200);

  // What another process tells is what the sweep has found.
  const other = await opened(server);
  expect(other.erasedWithinSeconds).toBe(7_200);
  expect(other.facts.join(" ")).not.toContain("it was not certain");
});

test("a sweep after which nothing has ended rewrites nothing, and one that does keeps what is live", async () => {
  const server = await started(AOF);
  const store = await opened(server);
  const kept = await deposited(store);
  await swept(store);
  // The first recording of a sweep deletes what is in its place.
  await swept(store);
  const before = await rewrites(server);
  await swept(store);
  await deposited(store);
  await swept(store);
  expect(await rewrites(server)).toBe(before);
  await store.burn((await deposited(store)).byManage);
  await swept(store);
  expect(await rewrites(server)).toBe(before + 1);
  expect(await store.open(kept.opening())).toMatchObject({ outcome: "opened" });
});

test("a user who may not rewrite is told of, and the sweep counts all the same", async () => {
  const server = await started(AOF);
  const user = await makeLeastUser(server.client());
  await server.client().acl("SETUSER", "mayfly", "-bgrewriteaof");
  const store = await openRedisStore({ ...options, url: server.url(0, user) });
  onTestFinished(() => store.close());
  await store.burn((await deposited(store)).byManage);
  await swept(store);
  expect(store.erasedWithinSeconds).toBeNull();
  const other = await openRedisStore({ ...options, url: server.url(0, user) });
  onTestFinished(() => other.close());
  expect(other.erasedWithinSeconds).toBeNull();
  expect(other.facts.join(" ")).toContain("After the last sweep it was not certain");
});

test("with snapshots nobody can say, though the append-only file is rewritten", async () => {
  const server = await started([...AOF, "save", "3600 1"]);
  const store = await opened(server);
  const secret = await deposited(store);
  await store.burn(secret.byManage);
  await swept(store);
  await eventually(async () => (await filesWith(server, secret.canary)).length === 0);
  expect(store.erasedWithinSeconds).toBeNull();
  expect((await opened(server)).facts.join(" ")).toContain("After the last sweep it was not certain");
});

test("without any file nothing is ever in one", async () => {
  const server = await started([]);
  const store = await opened(server, { persistence: "none" });
  const secret = await deposited(store);
  expect(await filesWith(server, secret.canary)).toEqual([]);
  expect(store.erasedWithinSeconds).toBeNull();
  await swept(store);
  expect(store.erasedWithinSeconds).toBe(1);
});

test("a replica's append-only file is rewritten too, and nobody says when its other files are", async () => {
  const server = await started(AOF);
  const replica = await started([...AOF, "replicaof", `127.0.0.1 ${server.port}`]);
  await makeLeastUser(replica.client());
  const online = async () => (await server.client().info("replication")).includes("state=online");
  await eventually(online, 10_000);
  const store = await opened(server, { replicas: { count: 1, withinMs: 2_000 } });
  const secret = await deposited(store);
  expect(await filesWith(replica, secret.canary)).not.toEqual([]);
  await store.burn(secret.byManage);
  await swept(store);
  for (const each of [server, replica])
    await eventually(async () => (await filesWith(each, secret.canary)).length === 0);
  expect(store.erasedWithinSeconds).toBeNull();
});
