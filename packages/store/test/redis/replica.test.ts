import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { afterAll, expect, test } from "vitest";
import { openRedisStore } from "../../src/redis/store.ts";
import { liveSample, opened } from "../conformance/sample.ts";
import { eventually, startRedis } from "./server.ts";

const primary = await startRedis(["repl-diskless-sync-delay", "0"]);
const replica = await startRedis();
afterAll(() => Promise.all([primary.stop(), replica.stop()]));

const open = (url: string) =>
  openRedisStore({ url, commandTimeoutMs: 10_000, persistence: "any", capacityBytes: 2 ** 40 });

/** The link is cut by a proxy: a stopped replica would still get what is in the socket's buffer. */
async function follow(): Promise<{ cut(): Promise<void> }> {
  const link = await TcpProxy.start(primary.port);
  const redis = replica.client();
  await redis.call("REPLICAOF", "127.0.0.1", link.port);
  await eventually(async () => (await redis.info("replication")).includes("master_link_status:up"), 15_000);
  await eventually(async () => (await primary.client().info("replication")).includes("connected_slaves:1"));
  return { cut: () => link.close() };
}

test("replicas of a server with an append-only file refuse the start and fail the sweep, until they are gone", async () => {
  const redis = primary.client();
  await redis.config("SET", "appendonly", "yes");
  const store = await open(primary.url());
  const link = await follow();
  try {
    const fault = expect.stringContaining("a secret that was read could be read once more");
    expect(await store.ruleFaults()).toEqual([fault]);
    await expect(open(primary.url())).rejects.toMatchObject({ name: "StoreRefused", faults: [fault] });
    await link.cut();
    await replica.client().call("REPLICAOF", "NO", "ONE");
    await eventually(async () => (await redis.info("replication")).includes("connected_slaves:0"));
    expect(await store.ruleFaults()).toEqual([]);
  } finally {
    await store.close();
    await redis.config("SET", "appendonly", "no");
  }
});

test("a promoted replica that never heard of the read serves nothing of what it has", async () => {
  const link = await follow();
  const redis = replica.client();
  const store = await open(primary.url());
  expect(store.facts.join(" ")).toContain("Replicas are connected: a failover ends every secret");
  const secret = await liveSample(store);
  const part = `mayfly:{${secret.id}}:part:0`;
  await eventually(async () => (await redis.exists(part)) === 1);
  await link.cut();
  const opening = secret.opening();
  await opened(store, opening);
  await store.acknowledge({ id: secret.id, claim: opening.claim });
  await primary.kill();
  await redis.call("REPLICAOF", "NO", "ONE");
  expect(await redis.exists(part)).toBe(1);
  const after = await open(replica.url());
  for (const again of [opening, secret.opening()]) {
    expect(await after.open(again)).toEqual({ outcome: "not_found" });
  }
  expect((await after.sweep({ batch: 10 })).orphans).toBeGreaterThan(0);
  expect(await redis.exists(part)).toBe(0);
  expect((await liveSample(after)).id).not.toBe(secret.id);
  await Promise.all([store.close(), after.close()]);
}, 30_000);
