import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { afterAll, expect, test } from "vitest";
import { type Store, StoreUnavailable } from "../../src/index.ts";
import { recordKey, STORE_KEY } from "../../src/redis/keys.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { live, liveSample, opened, type Sample, sample } from "../conformance/sample.ts";
import { startCluster } from "./cluster-servers.ts";
import { insist as insisted } from "./insist.ts";
import { eventually, type TestServer } from "./server.ts";

const ELECTION_MS = 90_000;
const OPTIONS = { commandTimeoutMs: 2_000, persistence: "any", capacityBytes: 2 ** 40 } as const;
const UNCONFIRMED = new StoreUnavailable("replicas");

const cluster = await startCluster({
  replicas: true,
  nodeTimeoutMs: 2_000,
  settings: ["appendonly", "yes"],
});
const marks = temporaryFolder("election");
let store: Store | undefined;
afterAll(async () => {
  await store?.close();
  await cluster.stop();
  marks.remove();
});

const open = (replicas = 1) =>
  openRedisStore({
    url: cluster.url(),
    ...OPTIONS,
    history: { directory: marks.path, program: "test" },
    ...(replicas === 0 ? {} : { replicas: { count: replicas, withinMs: 500 } }),
  });

const insist = <T>(call: () => Promise<T>) => insisted(call, { withinMs: ELECTION_MS });

/**
 * From now on the replica hears nothing of its primary, which lives on: it is refused as a follower, and its connection is closed. What the
 * cluster's bus says goes on, so that the replica may be elected.
 */
async function cut(primary: TestServer, replica: TestServer): Promise<void> {
  await replica.client().config("SET", "masteruser", "nobody");
  await replica.client().config("SET", "masterauth", "nothing");
  await primary.client().call("CLIENT", "KILL", "TYPE", "replica");
  await eventually(
    async () => (await primary.client().info("replication")).includes("connected_slaves:0"),
    15_000,
  );
}

async function mend(replica: TestServer): Promise<void> {
  await replica.client().config("SET", "masterauth", "");
  await replica.client().config("SET", "masteruser", "");
}

test("replicas want to be waited for, and an append-only file on every primary", async () => {
  await expect(open(0)).rejects.toThrow(
    "Primary 1 of 3: Replicas are connected to a server with an append-only file",
  );
  await expect(open(2)).rejects.toThrow(
    "Primary 3 of 3: MAYFLY_REDIS_WAIT_REPLICAS is 2, but 1 replicas are in step",
  );
  const set = (word: string) =>
    Promise.all(cluster.primaries.map((node) => node.client().config("SET", "appendonly", word)));
  await cluster.primaries[1]?.client().config("SET", "appendonly", "no");
  await expect(open(0)).rejects.toThrow("Some primaries keep an append-only file and some do not");
  await set("no");
  await expect(open(0)).rejects.toThrow("a node that is promoted a second time");
  await set("yes");
}, 60_000);

test("an election: what was confirmed holds, what was not was given to nobody, and all goes on when a replica is back", async () => {
  const of = await open();
  store = of;
  // The one that keeps the heartbeat, for nothing may depend on it for good.
  const victim = await cluster.ownerOf(STORE_KEY);
  const heir = cluster.replicas[cluster.primaries.indexOf(victim)] as TestServer;
  const ours = async (wanted: number): Promise<Sample[]> => {
    const found: Sample[] = [];
    while (found.length < wanted) {
      const secret = await liveSample(of);
      if ((await cluster.ownerOf(recordKey(secret.id))) === victim) found.push(secret);
    }
    return found;
  };
  const [read, refused, unread] = [await ours(5), await ours(5), await ours(1)];
  for (const secret of read) await opened(of, secret.opening());

  await cut(victim, heir);
  for (const secret of refused) await expect(of.open(secret.opening())).rejects.toEqual(UNCONFIRMED);
  for (;;) {
    const late = sample();
    if ((await cluster.ownerOf(recordKey(late.id))) !== victim) continue;
    await of.reserve(late.reservation);
    await expect(of.deposit(late.deposit(0))).rejects.toEqual(UNCONFIRMED);
    break;
  }
  await victim.kill();
  await mend(heir);
  await eventually(async () => (await heir.client().role())[0] === "master", ELECTION_MS);

  // The promoted one is found, also for the heartbeat, and has nobody to confirm.
  const [last] = unread as [Sample];
  await insist(() => of.status(last.byLink));
  await insist(() => of.heartbeat());
  const opening = last.opening();
  await eventually(async () => {
    const refusal = await of.open(opening).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StoreUnavailable);
    return (refusal as StoreUnavailable).reason === "replicas";
  }, ELECTION_MS);
  // Other primaries never stopped.
  for (;;) {
    const elsewhere = sample();
    if ((await cluster.ownerOf(recordKey(elsewhere.id))) === heir) continue;
    await insist(() => live(of, elsewhere));
    break;
  }

  await victim.start();
  expect(await insist(() => of.open(opening))).toMatchObject({ outcome: "opened", part: last.parts[0] });
  expect(await insist(() => of.open(last.opening()))).toMatchObject({ outcome: "gone" });
  for (const secret of read)
    expect(await insist(() => of.open(secret.opening()))).toMatchObject({ outcome: "gone" });
  for (const secret of refused) {
    const next = secret.opening();
    expect(await insist(() => of.open(next))).toMatchObject({ outcome: "opened", part: secret.parts[0] });
    expect(await insist(() => of.open(secret.opening()))).toMatchObject({ outcome: "gone" });
  }
  expect(await insist(() => of.ruleFaults())).toEqual([]);
  await insist(() => of.sweep({ batch: 50 }));
  // The elected one is as old as what is remembered of its primary.
  const next = await open();
  expect(next.warnings).toEqual([]);
  await next.close();
}, 240_000);

test("a replica that takes over by force, agreed with nobody, gives nothing out a second time", async () => {
  const of = store as Store;
  await cluster.whole();
  // The one that was elected before; the first primary has come back as its replica.
  const old = await cluster.ownerOf(STORE_KEY);
  const heir = cluster.primaries[cluster.replicas.indexOf(old)] as TestServer;
  const secrets: Sample[] = [];
  while (secrets.length < 20) {
    const secret = await insist(() => liveSample(of));
    if ((await cluster.ownerOf(recordKey(secret.id))) === old) secrets.push(secret);
  }
  const contend = secrets.map(async (secret, n) => {
    const claims = Array.from({ length: 6 }, () => secret.opening());
    if (n === secrets.length / 2) await heir.client().call("CLUSTER", "FAILOVER", "TAKEOVER");
    return Promise.all(claims.map((claim) => insist(() => of.open(claim))));
  });
  for (const answers of await Promise.all(contend))
    expect(answers.map(({ outcome }) => outcome).sort()).toEqual([
      ...Array.from({ length: 5 }, () => "gone"),
      "opened",
    ]);
  expect((await heir.client().role())[0]).toBe("master");
}, 240_000);
