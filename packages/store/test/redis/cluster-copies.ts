import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import type { Cluster } from "ioredis";
import type { ReplicaWait, Restored, Store, StoreUnavailable } from "../../src/index.ts";
import { AGE_KEY, primaryAgeKey, recordKey, STORE_KEY } from "../../src/redis/keys.ts";
import { SLOTS, slotOf } from "../../src/redis/slot-map.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import type { HistoryBench } from "../conformance/history.ts";
import { liveSample, type Sample } from "../conformance/sample.ts";
import { isWritten } from "./append-only-file.ts";
import type { TestCluster } from "./cluster-servers.ts";
import { SlotMover } from "./moving-slot.ts";
import { eventually, type TestServer } from "./server.ts";

const BACK_MS = 30_000;

/** Stores on a cluster, and copies of one primary at a time. */
export interface ClusterBench extends HistoryBench {
  start(restored?: Restored, replicas?: ReplicaWait): Promise<Store>;
  readonly mover: SlotMover;
  /** A live secret on this primary. */
  secretAt(store: Store, node: TestServer): Promise<Sample>;
  /** Copies this primary's files; the last copied one is put back. */
  copyOf(node: TestServer): Promise<void>;
  /** The server ends as by a power cut and comes back. */
  restart(node: TestServer): Promise<void>;
  moveKey(key: string, to: TestServer): Promise<void>;
  /** Each age by its key. */
  ages(): Promise<ReadonlyMap<string, number>>;
  /** Resolves when every age has risen above these, also one that has come since. */
  haveBeaten(before: ReadonlyMap<string, number>): Promise<void>;
}

/**
 * On an emptied cluster, in which each primary has the slots again that it had at first. `copy` takes the primary that has the newest secret,
 * and sees to it that this one does not keep the heartbeat.
 */
export async function openClusterBench(
  cluster: TestCluster,
  shares: readonly number[],
): Promise<ClusterBench> {
  const folder = temporaryFolder("cluster-history");
  const copied = join(folder.path, "copy");
  let marks = join(folder.path, "mark");
  let victim: TestServer | null = null;
  const mover = new SlotMover(cluster.primaries);
  const redis: Cluster = cluster.client();
  const running = new Set<Store>();
  await cluster.flush();
  await restoreSlots(cluster, mover, shares);

  const ages = async () => {
    const listed = ((await redis.hget(AGE_KEY, "primaries")) ?? "").split(" ").filter((tag) => tag !== "");
    const keys = [AGE_KEY, ...listed.map(primaryAgeKey)];
    const told = await Promise.all(keys.map((key) => redis.hget(key, "age")));
    return new Map(keys.map((key, n) => [key, Number(told[n] ?? 0)]));
  };
  const haveBeaten = (before: ReadonlyMap<string, number>) =>
    eventually(async () => {
      for (const store of running) await store.heartbeat().catch(() => undefined);
      const now = await ages();
      return now.size > 1 && [...now].every(([key, age]) => age > (before.get(key) ?? 0));
    }, BACK_MS);
  const moveKey = async (key: string, to: TestServer) => {
    const from = await cluster.ownerOf(key);
    if (from !== to) await mover.move(slotOf(key), from, to);
    await cluster.whole();
  };
  const back = async (node: TestServer) => {
    const client = node.client();
    await node.start();
    await eventually(async () => {
      const info = await client.call("CLUSTER", "INFO").catch(() => "");
      return String(info).includes("cluster_state:ok");
    }, BACK_MS);
    await cluster.whole();
    for (const store of running) for (const each of cluster.primaries) await isReached(store, cluster, each);
  };
  const copyOf = async (node: TestServer) => {
    await isWritten(node.client());
    victim = node;
    rmSync(copied, { recursive: true, force: true });
    cpSync(node.folder, copied, { recursive: true });
  };
  const bench: ClusterBench = {
    mover,
    ages,
    haveBeaten,
    moveKey,
    copyOf,
    start: async (restored, replicas) => {
      const before = await ages();
      const store = await openRedisStore({
        url: cluster.url(),
        commandTimeoutMs: 2_000,
        persistence: "any",
        capacityBytes: 2 ** 40,
        history: { directory: marks, program: `test-${running.size}`, restored },
        ...(replicas && { replicas }),
      });
      running.add(store);
      // Each primary beats at the start: what is waited for later is of something else.
      await haveBeaten(before);
      return store;
    },
    stop: async (store) => {
      running.delete(store);
      await store.close();
    },
    later: async (store) => void (await store.heartbeat()),
    secretAt: async (store, node) => {
      for (;;) {
        const secret = await liveSample(store, { parts: 2 });
        if ((await cluster.ownerOf(recordKey(secret.id))) === node) return secret;
      }
    },
    copy: async () => {
      const [record = ""] = await cluster.keys("mayfly:{??????????????????????}");
      const node = await cluster.ownerOf(record);
      const [first, second] = cluster.primaries as [TestServer, TestServer];
      if (node === (await cluster.ownerOf(STORE_KEY))) {
        const before = await ages();
        await moveKey(STORE_KEY, node === first ? second : first);
        await haveBeaten(before);
      }
      await copyOf(node);
    },
    putBack: async () => {
      if (victim === null) throw new Error("nothing was copied");
      await victim.kill();
      for (const name of readdirSync(victim.folder)) rmSync(join(victim.folder, name), { recursive: true });
      cpSync(copied, victim.folder, { recursive: true });
      await back(victim);
    },
    restart: async (node) => {
      await node.kill();
      await back(node);
    },
    move: async () => {
      cpSync(marks, `${marks}-moved`, { recursive: true });
      rmSync(marks, { recursive: true });
      marks = `${marks}-moved`;
    },
    loseMarks: () => rmSync(marks, { recursive: true }),
    close: async () => {
      for (const store of running) await store.close();
      folder.remove();
    },
  };
  return bench;
}

/** Resolves when a step comes to this primary, or is refused for what the store is. */
async function isReached(store: Store, cluster: TestCluster, node: TestServer): Promise<void> {
  let id = "";
  for (let n = 0; ; n++) {
    id = `${n}`.padStart(22, "A");
    if ((await cluster.ownerOf(recordKey(id))) === node) break;
    // A primary that has a few slots, or none.
    if (n > 200) return;
  }
  const link = new Uint8Array(32);
  await eventually(
    () =>
      store.status({ id, link }).then(
        () => true,
        (error: StoreUnavailable) => error.reason === "rolled_back",
      ),
    BACK_MS,
  );
}

async function restoreSlots(
  cluster: TestCluster,
  mover: SlotMover,
  shares: readonly number[],
): Promise<void> {
  const [first] = cluster.primaries as [TestServer];
  const ranges = (await first.client().call("CLUSTER", "SLOTS")) as [number, number, [string, number]][];
  for (let slot = 0, n = 0, end = shares[0] ?? SLOTS; slot < SLOTS; slot++) {
    while (slot >= end) end += shares[++n] ?? SLOTS;
    const range = ranges.find(([from, to]) => from <= slot && slot <= to);
    const from = cluster.primaries.find(({ port }) => port === range?.[2][1]);
    const to = cluster.primaries[n] as TestServer;
    if (from !== undefined && from !== to) await mover.move(slot, from, to);
  }
  await cluster.whole();
}
