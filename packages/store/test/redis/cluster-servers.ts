import { freePort } from "@mayfly/lab/ports";
import { Cluster, type Redis } from "ioredis";
import { SLOTS, slotOf } from "../../src/redis/slot-map.ts";
import { eventually, startRedis, type TestServer } from "./server.ts";

const FORMING_MS = 60_000;

/** A Redis Cluster of a test's own: real servers on the loopback that know each other. */
export interface TestCluster {
  /** In the order of their slots. */
  readonly primaries: readonly TestServer[];
  /** `replicas[n]` follows `primaries[n]`; empty without replicas. */
  readonly replicas: readonly TestServer[];
  /** For a store: `redis+cluster://` of every node. `user` is `name:password`. */
  url(user?: string): string;
  /** The driver's own client of clusters, to look past the store's logic. Quit when the cluster stops. */
  client(): Cluster;
  /** Empties every node that is a primary now. */
  flush(): Promise<void>;
  /** Keys that match, on all nodes that are primaries now. */
  keys(pattern: string): Promise<string[]>;
  /** The server that serves a key. */
  ownerOf(key: string): Promise<TestServer>;
  /** Resolves when every node that runs sees every slot served and all nodes alike. */
  whole(): Promise<void>;
  stop(): Promise<void>;
}

export interface ClusterWish {
  readonly replicas?: boolean;
  readonly settings?: readonly string[];
  readonly nodeTimeoutMs?: number;
  /** How many slots each primary has at first, three numbers; equal shares when left out. */
  readonly shares?: readonly number[];
}

const PRIMARIES = 3;
const SHARE = Math.ceil(SLOTS / PRIMARIES);
const EQUAL = [SHARE, SHARE, SLOTS - 2 * SHARE];

export async function startCluster(wish: ClusterWish = {}): Promise<TestCluster> {
  const { replicas: wanted = false, settings = [], nodeTimeoutMs = 5_000, shares = EQUAL } = wish;
  const start = async () =>
    startRedis([
      "cluster-enabled",
      "yes",
      "cluster-port",
      String(await freePort()),
      "cluster-node-timeout",
      String(nodeTimeoutMs),
      "repl-diskless-sync-delay",
      "0",
      ...settings,
    ]);
  const nodes: TestServer[] = [];
  for (let n = 0; n < (wanted ? 2 : 1) * PRIMARIES; n++) nodes.push(await start());
  const primaries = nodes.slice(0, PRIMARIES);
  const replicas = nodes.slice(PRIMARIES);
  const clients = new Map(nodes.map((node) => [node, node.client()]));
  const of = (node: TestServer) => clients.get(node) as Redis;
  const drivers: Cluster[] = [];

  const first = primaries[0] as TestServer;
  for (const [n, node] of nodes.entries()) await of(node).call("CLUSTER", "SET-CONFIG-EPOCH", n + 1);
  let next = 0;
  for (const [n, node] of primaries.entries()) {
    const last = next + (shares[n] ?? 0) - 1;
    await of(node).call("CLUSTER", "ADDSLOTSRANGE", next, last);
    next = last + 1;
  }
  const [, bus] = (await of(first).config("GET", "cluster-port")) as [string, string];
  for (const node of nodes.slice(1)) await of(node).call("CLUSTER", "MEET", "127.0.0.1", first.port, bus);

  const whole = async () => {
    await eventually(async () => {
      const views = await Promise.all(nodes.map((node) => viewOf(of(node))));
      const running = views.filter((view) => view !== null);
      return running.every(
        (view) => view.ok && view.known === nodes.length && view.slots === running[0]?.slots,
      );
    }, FORMING_MS);
  };
  await whole();
  for (const [n, node] of replicas.entries())
    await of(node).call(
      "CLUSTER",
      "REPLICATE",
      (await of(primaries[n] as TestServer).call("CLUSTER", "MYID")) as string,
    );
  for (const node of replicas.length > 0 ? primaries : [])
    await eventually(async () => (await of(node).info("replication")).includes("state=online"), FORMING_MS);
  await whole();

  const leaders = async () => {
    const roles = await Promise.all(
      nodes.map((node) =>
        of(node)
          .role()
          .catch(() => null),
      ),
    );
    return nodes.filter((_, n) => roles[n]?.[0] === "master");
  };
  return {
    primaries,
    replicas,
    url: (user) => {
      const at = nodes.map(({ port }) => `127.0.0.1:${port}`).join(",");
      return `redis+cluster://${user === undefined ? "" : `${user}@`}${at}`;
    },
    client: () => {
      const driver = new Cluster(nodes.map(({ port }) => ({ host: "127.0.0.1", port })));
      driver.on("error", () => undefined);
      drivers.push(driver);
      return driver;
    },
    flush: async () => {
      await Promise.all((await leaders()).map((node) => of(node).flushall()));
    },
    keys: async (pattern) =>
      (await Promise.all((await leaders()).map((node) => of(node).keys(pattern)))).flat(),
    ownerOf: async (key) => {
      const running = nodes.find((node) => of(node).status === "ready") ?? first;
      const ranges = (await of(running).call("CLUSTER", "SLOTS")) as [number, number, [string, number]][];
      const range = ranges.find(([from, to]) => from <= slotOf(key) && slotOf(key) <= to);
      const owner = nodes.find(({ port }) => port === range?.[2][1]);
      if (owner === undefined) throw new Error("nobody serves this slot");
      return owner;
    },
    whole,
    stop: async () => {
      for (const driver of drivers) driver.disconnect();
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function viewOf(redis: Redis): Promise<{ ok: boolean; known: number; slots: string } | null> {
  if (redis.status !== "ready") return null;
  const info = String(await redis.call("CLUSTER", "INFO"));
  const slots = (await redis.call("CLUSTER", "SLOTS")) as [number, number, [string, number]][];
  return {
    ok: info.includes("cluster_state:ok"),
    known: Number(/cluster_known_nodes:(\d+)/.exec(info)?.[1]),
    slots: JSON.stringify(slots.map(([from, to, [, port]]) => [from, to, port]).sort()),
  };
}
