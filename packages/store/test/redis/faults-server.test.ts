import { spawn } from "node:child_process";
import { once } from "node:events";
import { Redis } from "ioredis";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { type Store, StoreUnavailable } from "../../src/index.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { liveSample, opened, type Sample, sample } from "../conformance/sample.ts";
import { lacks } from "../sqlite/machine.ts";
import { appendOnlyFile } from "./append-only-file.ts";
import { insist } from "./insist.ts";
import { eventually, settlesWithin, startRedis, type TestServer } from "./server.ts";

const TIMEOUT_MS = 500;

const lacking = lacks("trace");
const onSlowDisk = lacking === null ? test : test.skip;
const because = lacking === null ? "" : ` (left out: ${lacking})`;

/** Makes every sync of this process take two seconds. */
async function slowSyncs(pid: number): Promise<void> {
  const slow = "inject=fdatasync,fsync:delay_enter=2000000";
  const words = ["-f", "-p", String(pid), "-e", "trace=fdatasync,fsync", "-e", slow, "-o", "/dev/null"];
  const strace = spawn("strace", words, { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => void strace.kill());
  await once(strace.stderr, "data");
}

let server: TestServer;
const stores: Store[] = [];
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await server.stop();
});

async function open(at = server): Promise<Store> {
  const options = { commandTimeoutMs: TIMEOUT_MS, persistence: "any", capacityBytes: 2 ** 40 } as const;
  const store = await openRedisStore({ url: at.url(), ...options });
  stores.push(store);
  return store;
}

/** Nothing is handed out and nothing is promised. */
async function expectRefusing(store: Store, secret: Sample, reason: StoreUnavailable["reason"]) {
  const unavailable = new StoreUnavailable(reason);
  await expect(store.open(secret.opening())).rejects.toEqual(unavailable);
  await expect(store.burn(secret.byManage)).rejects.toEqual(unavailable);
  await expect(store.reserve(sample().reservation)).rejects.toEqual(unavailable);
  await expect(store.take([{ bucket: "bucket", windowMs: 1_000, amount: 1 }])).rejects.toEqual(unavailable);
}

test("a server that is stopped (SIGSTOP) is waited for no longer than a command's time; what it had received it does when it goes on", async () => {
  server = await startRedis();
  const store = await open();
  const secret = await liveSample(store);
  const opening = secret.opening();
  server.signal("SIGSTOP");
  onTestFinished(() => server.signal("SIGCONT"));
  const told = store.open(opening);
  expect(await settlesWithin(2 * TIMEOUT_MS, told)).toBe(true);
  await expect(told).rejects.toEqual(new StoreUnavailable("timeout"));
  server.signal("SIGCONT");
  expect((await insist(() => opened(store, opening))).part).toEqual(secret.parts[0]);
  expect(await store.open(secret.opening())).toMatchObject({ outcome: "gone" });
});

test("a server that is busy with a long script refuses every verb, and gives out the secret afterwards", async () => {
  server = await startRedis(["busy-reply-threshold", "50"]);
  const store = await open();
  const secret = await liveSample(store);
  const killer = server.client();
  await killer.ping();
  const endless = server
    .client()
    .eval("while true do end", 0)
    .catch((error: Error) => error.message);
  await eventually(async () => {
    const refusal = await store.open(sample().opening()).catch((error: unknown) => error);
    return refusal instanceof StoreUnavailable && refusal.reason === "busy";
  });
  await expectRefusing(store, secret, "busy");
  await killer.script("KILL");
  expect(await endless).toContain("Script killed by user");
  expect((await insist(() => opened(store, secret.opening()))).part).toEqual(secret.parts[0]);
});

test("a server that still loads what it kept is not asked, and nothing of what it kept is lost by that", async () => {
  server = await startRedis([
    "appendonly",
    "yes",
    "key-load-delay",
    "20000",
    "loading-process-events-interval-bytes",
    "1024",
  ]);
  const store = await open();
  const read = await liveSample(store);
  await opened(store, read.opening());
  const secrets: Sample[] = [];
  for (let i = 0; i < 20; i++) secrets.push(await liveSample(store));
  // As a snapshot, for while it takes back commands one by one it answers nobody.
  const before = server.client();
  await before.bgrewriteaof();
  await eventually(
    async () => !/aof_rewrite_(in_progress|scheduled):1/.test(await before.info("persistence")),
  );
  await server.kill();
  const started = server.start();
  const refusals: unknown[] = [];
  let loadingSeen = false;
  const [first] = secrets as [Sample];
  // Unlike the store, one that speaks with a server before it is ready.
  const looking = new Redis({ port: server.port, enableReadyCheck: false, retryStrategy: () => 10 });
  looking.on("error", () => undefined);
  onTestFinished(() => looking.disconnect());
  await eventually(async () => {
    // Asked before and after: between the two it was loading all the time.
    const loading = async () => /loading:1/.test(await looking.info("persistence").catch(() => ""));
    const was = await loading();
    const answer = await store.status(first.byLink).catch((error: unknown) => error);
    if (was && (await loading())) {
      loadingSeen = true;
      refusals.push(answer);
    }
    return !(answer instanceof StoreUnavailable);
  }, 20_000);
  await started;
  expect(loadingSeen).toBe(true);
  for (const refusal of refusals) expect(refusal).toBeInstanceOf(StoreUnavailable);
  for (const secret of secrets) expect((await opened(store, secret.opening())).part).toEqual(secret.parts[0]);
  expect(await store.open(read.opening())).toMatchObject({ outcome: "gone", state: "opened" });
}, 60_000);

test("under appendfsync always a server that is killed again and again has undone nothing that was answered", async () => {
  server = await startRedis(["appendonly", "yes", "appendfsync", "always"]);
  const store = await open();
  for (let round = 0; round < 5; round++) {
    const secrets = await Promise.all(Array.from({ length: 12 }, () => insist(() => liveSample(store))));
    const [read, burned, left] = [secrets.slice(0, 4), secrets.slice(4, 8), secrets.slice(8)];
    const openings = read.map((secret) => secret.opening());
    const steps = [
      ...openings.map((opening) => store.open(opening)),
      ...burned.map(({ byManage }) => store.burn(byManage)),
    ];
    // In the middle of them: some are answered, the others may have been done.
    await steps[round];
    const killing = server.kill();
    const outcomes = await Promise.allSettled(steps);
    await killing;
    await server.start();
    for (const [n, secret] of read.entries()) {
      const stranger = await insist(() => store.open(secret.opening()));
      const answered = outcomes[n]?.status === "fulfilled";
      if (answered) expect(stranger).toMatchObject({ outcome: "gone" });
      const again = await store.open(openings[n] ?? secret.opening());
      expect([stranger, again].filter(({ outcome }) => outcome === "opened")).toHaveLength(1);
    }
    for (const [n, secret] of burned.entries()) {
      if (outcomes[4 + n]?.status !== "fulfilled") continue;
      expect(await store.open(secret.opening())).toMatchObject({ outcome: "gone", state: "burned" });
    }
    for (const secret of left) expect((await opened(store, secret.opening())).part).toEqual(secret.parts[0]);
  }
}, 60_000);

test("under everysec a server that is killed has undone nothing that it had written to its file", async () => {
  server = await startRedis(["appendonly", "yes", "appendfsync", "everysec"]);
  const store = await open();
  const redis = server.client();
  for (let round = 0; round < 3; round++) {
    const [read, burned, left] = [
      await insist(() => liveSample(store)),
      await liveSample(store),
      await liveSample(store),
    ];
    const opening = read.opening();
    await opened(store, opening);
    await store.burn(burned.byManage);
    await eventually(async () => (await appendOnlyFile(redis)).unwritten === 0, 15_000);
    await server.kill();
    await server.start();
    expect(await insist(() => store.open(read.opening()))).toMatchObject({ outcome: "gone" });
    expect((await opened(store, opening)).part).toEqual(read.parts[0]);
    expect(await store.open(burned.opening())).toMatchObject({ outcome: "gone", state: "burned" });
    expect((await opened(store, left.opening())).part).toEqual(left.parts[0]);
  }
}, 60_000);

// A gap of everysec that FAULTS.md tells: whoever closes it finds out here.
onSlowDisk(
  `under everysec the read that was answered while the disk took its time is undone when the server is killed${because}`,
  async () => {
    server = await startRedis(["appendonly", "yes", "appendfsync", "everysec"]);
    const store = await open();
    const redis = server.client();
    const secrets: Sample[] = [];
    for (let i = 0; i < 10; i++) secrets.push(await liveSample(store));
    await eventually(async () => {
      const { unwritten, syncing } = await appendOnlyFile(redis);
      return unwritten === 0 && !syncing;
    }, 15_000);
    await slowSyncs(server.pid);
    let undone: Sample | undefined;
    for (const secret of secrets) {
      await eventually(async () => {
        await store.take([{ bucket: "other", windowMs: 60_000, amount: 1 }]);
        return (await appendOnlyFile(redis)).syncing;
      }, 15_000);
      await opened(store, secret.opening());
      if ((await appendOnlyFile(redis)).unwritten === 0) continue;
      await server.kill();
      undone = secret;
      break;
    }
    await server.start();
    expect(undone).toBeDefined();
    for (const secret of undone === undefined ? [] : [undone])
      expect(await insist(() => store.open(secret.opening()))).toMatchObject({ outcome: "opened" });
  },
  60_000,
);

test("a primary that was made a replica gives out nothing and ends nothing from then on, and soon tells nothing either", async () => {
  server = await startRedis(["repl-diskless-sync-delay", "0"]);
  const other = await startRedis(["repl-diskless-sync-delay", "0"]);
  onTestFinished(() => other.stop());
  const store = await open();
  const [redis, successor] = [server.client(), other.client()];
  const secret = await liveSample(store);
  await successor.call("REPLICAOF", "127.0.0.1", server.port);
  await eventually(async () => (await successor.info("replication")).includes("link_status:up"), 15_000);
  await successor.call("REPLICAOF", "NO", "ONE");
  await redis.call("REPLICAOF", "127.0.0.1", other.port);
  await expect(store.open(secret.opening())).rejects.toEqual(new StoreUnavailable("read_only"));
  for (const call of [
    () => store.open(secret.opening()),
    () => store.burn(secret.byManage),
    () => store.now(),
  ])
    await expect(call()).rejects.toBeInstanceOf(StoreUnavailable);
  // Not even the state is told by one that only repeats what it hears.
  await eventually(async () => (await store.status(secret.byLink).catch(() => null)) === null);
  expect(await store.canWrite()).toBe(false);
});
