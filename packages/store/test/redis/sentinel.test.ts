import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "@mayfly/lab/ports";
import { Running } from "@mayfly/lab/running";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { Redis } from "ioredis";
import { afterAll, expect, test } from "vitest";
import { type Store, StoreUnavailable } from "../../src/index.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { liveSample, opened, type Sample } from "../conformance/sample.ts";
import { insist } from "./insist.ts";
import { eventually, startRedis } from "./server.ts";

const GROUP = "mayfly";
const SENTINEL_PASSWORD = "watchers-only";
const ELECTION_MS = 60_000;

const nodes = await Promise.all(
  [0, 1].map(() => startRedis(["appendonly", "yes", "repl-diskless-sync-delay", "0"])),
);
const [first, second] = nodes as [(typeof nodes)[0], (typeof nodes)[0]];
const folder = temporaryFolder("sentinel");
const sentinels: { readonly port: number; readonly running: Running }[] = [];
let store: Store | undefined;

afterAll(async () => {
  await store?.close();
  for (const { running } of sentinels) {
    running.kill("SIGKILL");
    await running.ended;
  }
  await Promise.all(nodes.map((node) => node.stop()));
  folder.remove();
});

async function ask(port: number, ...words: [string, ...string[]]): Promise<string> {
  const client = new Redis({
    port,
    password: SENTINEL_PASSWORD,
    lazyConnect: true,
    retryStrategy: () => null,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return JSON.stringify(await client.call(...words));
  } catch {
    return "";
  } finally {
    client.disconnect();
  }
}

async function watch(): Promise<void> {
  await second.client().call("REPLICAOF", "127.0.0.1", first.port);
  await eventually(async () => (await first.client().info("replication")).includes("state=online"), 15_000);
  for (let n = 0; n < 3; n++) {
    const port = await freePort();
    const file = join(folder.path, `${n}.conf`);
    const lines = [
      `port ${port}`,
      "bind 127.0.0.1",
      `dir ${folder.path}`,
      `requirepass ${SENTINEL_PASSWORD}`,
      `sentinel sentinel-pass ${SENTINEL_PASSWORD}`,
      `sentinel monitor ${GROUP} 127.0.0.1 ${first.port} 2`,
      `sentinel down-after-milliseconds ${GROUP} 1500`,
      `sentinel failover-timeout ${GROUP} 6000`,
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    sentinels.push({ port, running: new Running("redis-server", [file, "--sentinel"]) });
  }
  await eventually(async () => {
    const views = await Promise.all(sentinels.map(({ port }) => ask(port, "SENTINEL", "MASTER", GROUP)));
    return views.every(
      (view) => view.includes('"num-other-sentinels","2"') && view.includes('"num-slaves","1"'),
    );
  }, ELECTION_MS);
}

test("an election: nothing confirmed is lost, nothing read is read again, and nothing is given out until a replica is back", async () => {
  await watch();
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
  store = await openRedisStore({
    url: `redis+sentinel://${hosts}/${GROUP}/0`,
    commandTimeoutMs: 2_000,
    persistence: "any",
    capacityBytes: 2 ** 40,
    sentinelPassword: SENTINEL_PASSWORD,
    replicas: { count: 1, withinMs: 500 },
  });
  const of = store;
  const read: Sample[] = [];
  for (let i = 0; i < 5; i++) {
    const secret = await liveSample(of);
    await opened(of, secret.opening());
    read.push(secret);
  }
  const unread = await liveSample(of);

  await first.kill();
  await eventually(
    async () =>
      (await ask(sentinels[0]?.port ?? 0, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", GROUP)).includes(
        `"${second.port}"`,
      ),
    ELECTION_MS,
  );
  await eventually(() => of.canWrite(), ELECTION_MS);
  // The promoted one is reached, and has nobody to confirm.
  await insist(() => of.status(unread.byLink), { withinMs: ELECTION_MS });
  const opening = unread.opening();
  // Some connections may still be on their way to it: nothing is given out meanwhile either.
  await eventually(async () => {
    const refusal = await of.open(opening).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreUnavailable);
    return (refusal as StoreUnavailable).reason === "replicas";
  }, ELECTION_MS);

  await first.start();
  expect(await insist(() => of.open(opening), { withinMs: ELECTION_MS })).toMatchObject({
    outcome: "opened",
    part: unread.parts[0],
  });
  // Each of these waits for the replica, too, which a busy machine may keep from confirming in time.
  for (const secret of [unread, ...read]) {
    const another = secret.opening();
    expect(await insist(() => of.open(another), { withinMs: ELECTION_MS })).toMatchObject({
      outcome: "gone",
    });
  }
  expect(await first.client().info("replication")).toContain("role:slave");
}, 150_000);

test("Sentinels that know no such group refuse the start in a sentence", async () => {
  const hosts = sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",");
  const options = {
    commandTimeoutMs: 1_000,
    persistence: "any",
    capacityBytes: 1,
    sentinelPassword: SENTINEL_PASSWORD,
  } as const;
  await expect(
    openRedisStore({ url: `redis+sentinel://:canary@${hosts}/other`, ...options }),
  ).rejects.toMatchObject({
    name: "StoreRefused",
    faults: ["The primary of other could not be reached."],
  });
}, 30_000);
