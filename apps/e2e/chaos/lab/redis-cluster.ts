/** Redis Cluster: three primaries and a replica of each, made as its manual says. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { freePort } from "../../src/ground.ts";
import { type RedisServer, startRedisServer } from "../../src/redis-server.ts";
import { until } from "../../src/until.ts";
import { START_MS } from "./kept-process.ts";

const exec = promisify(execFile);

const NODES = 6;
/** The bus listens this far above the port, so that the port itself has to be low enough. */
const BUS_ABOVE = 10_000;
const NODE_TIMEOUT_MS = 1_500;

export class RedisCluster {
  readonly nodes: readonly RedisServer[];

  private constructor(nodes: readonly RedisServer[]) {
    this.nodes = nodes;
  }

  static async start(): Promise<RedisCluster> {
    const nodes: RedisServer[] = [];
    for (let n = 0; n < NODES; n++) {
      nodes.push(
        await startRedisServer({
          port: String(await lowPort()),
          appendonly: "no",
          "slowlog-log-slower-than": "-1",
          "cluster-enabled": "yes",
          "cluster-node-timeout": String(NODE_TIMEOUT_MS),
          "repl-diskless-sync-delay": "0",
        }),
      );
    }
    const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
    await exec("redis-cli", [
      "--cluster",
      "create",
      ...addresses,
      "--cluster-replicas",
      "1",
      "--cluster-yes",
    ]);
    const cluster = new RedisCluster(nodes);
    await cluster.whole();
    return cluster;
  }

  /** Resolves when every node says that every slot is served, and every replica follows its primary. */
  async whole(): Promise<void> {
    await until(
      "the cluster to be whole",
      async () => {
        const views = await Promise.all(this.nodes.map((node) => node.command("cluster", "info")));
        const links = await Promise.all(this.nodes.map((node) => node.command("info", "replication")));
        return (
          views.every((view) => view.includes("cluster_state:ok")) &&
          links.filter((link) => link.includes("master_link_status:up")).length === NODES / 2
        );
      },
      START_MS,
    );
  }

  /** The nodes that own slots now. */
  async primaries(): Promise<RedisServer[]> {
    const roles = await Promise.all(this.nodes.map(async (node) => node.command("role").catch(() => "dead")));
    return this.nodes.filter((_, n) => roles[n]?.startsWith("master"));
  }

  /** Kills one primary and resolves when its replica has taken its slots; `comeBack` starts the dead one again. */
  async losePrimary(number: number): Promise<{ comeBack(): Promise<void> }> {
    const before = await this.primaries();
    const dead = before[number % before.length] as RedisServer;
    await dead.kill();
    await until(
      "a replica to be promoted",
      async () => {
        const now = await this.primaries();
        const survivor = now.find((node) => !before.includes(node));
        return survivor && (await survivor.command("cluster", "info")).includes("cluster_state:ok");
      },
      START_MS,
    );
    return { comeBack: () => dead.start() };
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.stop();
  }
}

async function lowPort(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port + BUS_ABOVE < 2 ** 16) return port;
  }
}
