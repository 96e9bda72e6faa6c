import { freePort } from "@mayfly/lab/ports";
import { afterAll, expect, test } from "vitest";
import { Verification } from "../../src/contract/maintenance.ts";
import { acknowledge } from "../../src/redis/acknowledge.ts";
import { parseAddress } from "../../src/redis/address.ts";
import { burn } from "../../src/redis/burn.ts";
import { Connection } from "../../src/redis/connection.ts";
import { RecordRepair } from "../../src/redis/cut-off.ts";
import { deposit } from "../../src/redis/deposit.ts";
import {
  countFailedSweeps,
  recordFailedSweep,
  recordSweep,
  viewHeartbeat,
} from "../../src/redis/heartbeat.ts";
import { History } from "../../src/redis/history.ts";
import { open, part } from "../../src/redis/open.ts";
import { take } from "../../src/redis/rate-limits.ts";
import { reserve } from "../../src/redis/reserve.ts";
import { status } from "../../src/redis/status.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { overdue, sweep } from "../../src/redis/sweep.ts";
import { sample } from "../conformance/sample.ts";
import { eventually, startRedis } from "./server.ts";

const server = await startRedis(["cluster-enabled", "yes"]);
afterAll(() => server.stop());
const redis = server.client();
await redis.call("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
await eventually(async () => /cluster_state:ok/.test(String(await redis.call("CLUSTER", "INFO"))), 10_000);

test("a cluster refuses a script that touches keys of two slots, even where it owns both (the guard's guard)", async () => {
  const script = "#!lua\nredis.call('GET', 'a') return redis.call('GET', 'b')";
  await expect(redis.eval(script, 0)).rejects.toThrow("do not hash to the same slot");
});

test("every script keeps to one slot, as a cluster demands", async () => {
  const node = await Connection.open(parseAddress(server.url()), 2_000);
  for (const last of ["acknowledge", "burn", "sweep"]) {
    const secret = sample({ parts: 3, reads: 2, passphrase: true });
    const opening = secret.opening();
    const request = { id: secret.id, claim: opening.claim };
    expect(await reserve(node, secret.reservation, true)).toMatchObject({ outcome: "reserved" });
    for (const n of secret.parts.keys()) await deposit(node, secret.deposit(n), "all");
    expect(await open(node, secret.guess())).toMatchObject({ outcome: "wrong_passphrase" });
    expect(await open(node, opening)).toMatchObject({ outcome: "opened" });
    expect(await open(node, secret.opening())).toMatchObject({ outcome: "opened", readsLeft: 0 });
    expect(await part(node, { ...request, part: 2 })).toMatchObject({ outcome: "part" });
    expect(await status(node, secret.byLink)).toMatchObject({ state: "claimed" });
    if (last === "acknowledge")
      expect(await acknowledge(node, request)).toMatchObject({ outcome: "acknowledged" });
    if (last === "burn") expect(await burn(node, secret.byManage)).toMatchObject({ state: "opened" });
    if (last === "sweep") await redis.del(`mayfly:{${secret.id}}:part:1`);
  }
  const { now } = await viewHeartbeat(node, new History(undefined, false));
  expect(await overdue([node], now, { batch: 10 })).toBe(1);
  const { removed } = await sweep(
    [node],
    { batch: 10 },
    new RecordRepair(async () => ({ since: null, until: null })),
  );
  expect(removed).toMatchObject({ orphans: 1 });
  await recordFailedSweep(node);
  expect(await countFailedSweeps(node)).toBe(1);
  expect(
    await recordSweep(node, { verification: new Verification(now), removed, worker: "w", run: "r" }),
  ).toMatchObject({
    sequence: 1,
  });
  expect(await take(node, [{ bucket: "bucket", windowMs: 1_000, amount: 1 }])).toMatchObject([{ total: 1 }]);
  await node.close();
});

const OPTIONS = { commandTimeoutMs: 2_000, persistence: "any", capacityBytes: 2 ** 40 } as const;

test("a node of a cluster is refused as a server of its own, in a sentence that says how to write it", async () => {
  await expect(openRedisStore({ url: server.url(), ...OPTIONS })).rejects.toMatchObject({
    name: "StoreRefused",
    faults: ["The server is a node of a cluster: the Redis URL must begin with redis+cluster://."],
  });
});

test("a server of its own is refused as a cluster", async () => {
  const single = await startRedis();
  try {
    const url = `redis+cluster://127.0.0.1:${single.port}`;
    await expect(openRedisStore({ url, ...OPTIONS })).rejects.toMatchObject({
      name: "StoreRefused",
      faults: [`Redis at 127.0.0.1:${single.port} does not tell a cluster's slots.`],
    });
  } finally {
    await single.stop();
  }
});

test("one node that answers is enough to find the cluster, and a bad password is told without repeating it", async () => {
  const gone = await freePort();
  const store = await openRedisStore({
    url: `redis+cluster://127.0.0.1:${gone},127.0.0.1:${server.port}`,
    ...OPTIONS,
  });
  expect(await store.canWrite()).toBe(true);
  expect(store.facts.join(" ")).toContain("a slot that moves to another node ends its secrets");
  await store.close();
  expect(await store.canWrite()).toBe(false);
  const url = `redis+cluster://stranger:canary@127.0.0.1:${gone},127.0.0.1:${server.port}`;
  await expect(openRedisStore({ url, ...OPTIONS })).rejects.toMatchObject({
    faults: [
      `Redis at 127.0.0.1:${gone} could not be reached.`,
      `Redis at 127.0.0.1:${server.port} refused the user name or password.`,
    ],
  });
});

test("a cluster that serves only some of its slots is refused, and a sweep of it fails", async () => {
  const url = `redis+cluster://127.0.0.1:${server.port}`;
  await redis.config("SET", "cluster-require-full-coverage", "no");
  const store = await openRedisStore({ url, ...OPTIONS });
  const sweepable = () => store.sweep({ batch: 10 });
  await sweepable();
  await redis.call("CLUSTER", "DELSLOTS", "0");
  try {
    await expect(sweepable()).rejects.toMatchObject({ reason: "busy" });
    expect(await store.ruleFaults()).toEqual(["The cluster serves 16383 of its 16384 slots."]);
    await expect(openRedisStore({ url, ...OPTIONS })).rejects.toThrow("serves 16383 of its 16384 slots");
  } finally {
    await redis.call("CLUSTER", "ADDSLOTS", "0");
  }
  await eventually(
    async () => (await store.ruleFaults()).length === 0 && (await sweepable()) !== null,
    10_000,
  );
  await store.close();
});

test("a node that would answer while it is cut off is refused", async () => {
  await redis.config("SET", "cluster-allow-reads-when-down", "yes");
  try {
    const url = `redis+cluster://127.0.0.1:${server.port}`;
    await expect(openRedisStore({ url, ...OPTIONS })).rejects.toThrow(
      "Primary 1 of 1: cluster-allow-reads-when-down is yes",
    );
  } finally {
    await redis.config("SET", "cluster-allow-reads-when-down", "no");
  }
});
