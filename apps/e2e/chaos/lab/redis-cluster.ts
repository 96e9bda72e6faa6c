/** Redis Cluster: three primaries and a replica of each; all of them, and clients, know each node by the port of its proxy. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { freePort } from "@mayfly/lab/ports";
import { until } from "@mayfly/lab/until";
import { type FrontedRedis, replicationField, startFrontedRedis } from "./fronted-redis.ts";
import { START_MS } from "./kept-process.ts";

const exec = promisify(execFile);

const PRIMARIES = 3;
const SLOTS = 16_384;
const NODE_TIMEOUT_MS = 1_500;

export class RedisCluster {
  readonly nodes: readonly FrontedRedis[];
  readonly #dead = new Set<FrontedRedis>();

  private constructor(nodes: readonly FrontedRedis[]) {
    this.nodes = nodes;
  }

  /** `settings` of every node, as redis-server names them. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<RedisCluster> {
    const buses: string[] = [];
    const nodes: FrontedRedis[] = [];
    for (let n = 0; n < 2 * PRIMARIES; n++) {
      const bus = String(await freePort());
      buses.push(bus);
      nodes.push(
        await startFrontedRedis((front) => ({
          "cluster-enabled": "yes",
          "cluster-port": bus,
          "cluster-announce-ip": "127.0.0.1",
          "cluster-announce-port": String(front),
          "cluster-announce-bus-port": bus,
          "cluster-node-timeout": String(NODE_TIMEOUT_MS),
          ...settings,
        })),
      );
    }
    const cluster = new RedisCluster(nodes);
    const primaries = nodes.slice(0, PRIMARIES);
    const share = Math.ceil(SLOTS / PRIMARIES);
    for (const [n, { server }] of nodes.entries())
      await server.command("cluster", "set-config-epoch", String(n + 1));
    for (const [n, { server }] of primaries.entries()) {
      const last = Math.min((n + 1) * share, SLOTS) - 1;
      await server.command("cluster", "addslotsrange", String(n * share), String(last));
    }
    for (const [n, { front }] of nodes.entries())
      await nodes[0]?.server.command("cluster", "meet", "127.0.0.1", String(front.port), buses[n] ?? "");
    await until(
      "the nodes to know each other",
      async () =>
        (await cluster.#views()).every((view) => view.includes(`cluster_known_nodes:${nodes.length}`)),
      START_MS,
    );
    for (const [n, { server }] of nodes.slice(PRIMARIES).entries())
      await server.command("cluster", "replicate", await idOf(primaries[n] as FrontedRedis));
    await cluster.whole();
    return cluster;
  }

  /** Resolves when every node says that every slot is served, and each primary has a replica that hears it. */
  async whole(): Promise<void> {
    await until(
      "the cluster to be whole",
      async () => {
        const views = await this.#views();
        const links = await Promise.all(
          this.nodes.map((node) => replicationField(node, "master_link_status")),
        );
        const heard = await Promise.all(this.nodes.map((node) => replicationField(node, "connected_slaves")));
        return (
          views.every((view) => view.includes("cluster_state:ok")) &&
          links.filter((link) => link === "up").length === PRIMARIES &&
          heard.filter((count) => count === "1").length === PRIMARIES
        );
      },
      START_MS,
    );
  }

  /** The nodes that serve slots now, as far as they answer. */
  async primaries(): Promise<FrontedRedis[]> {
    const roles = await Promise.all(
      this.nodes.map(async (node) => (this.#dead.has(node) ? "dead" : node.server.command("role"))),
    );
    return this.nodes.filter((_, n) => roles[n]?.startsWith("master"));
  }

  async kill(node: FrontedRedis): Promise<void> {
    this.#dead.add(node);
    await node.server.kill();
  }

  /** Starts a killed one again; it finds its place by itself. */
  async revive(node: FrontedRedis): Promise<void> {
    if (!this.#dead.delete(node)) return;
    await node.server.start();
  }

  /** Kills one primary and resolves when its replica has taken its slots; `comeBack` starts the dead one again. */
  async losePrimary(number: number): Promise<{ comeBack(): Promise<void> }> {
    const before = await this.primaries();
    const dead = before[number % before.length] as FrontedRedis;
    await this.kill(dead);
    await until(
      "a replica to be promoted",
      async () => {
        const now = await this.primaries();
        const survivor = now.find((node) => !before.includes(node));
        return survivor && (await survivor.server.command("cluster", "info")).includes("cluster_state:ok");
      },
      START_MS,
    );
    return {
      comeBack: async () => {
        dead.front.mend();
        await this.revive(dead);
      },
    };
  }

  /** Moves so many slots, with all that is in them, from one primary to another, as an operator does. */
  async moveSlots(from: FrontedRedis, to: FrontedRedis, count: number): Promise<void> {
    await this.#manage(
      "reshard",
      ...["--cluster-from", await idOf(from), "--cluster-to", await idOf(to)],
      ...["--cluster-slots", String(count), "--cluster-yes"],
    );
  }

  /** Whatever was done to them, all of them run, hear each other, and no slot is under way. */
  async mend(): Promise<void> {
    for (const node of this.nodes) {
      node.front.mend();
      await this.revive(node);
      node.server.signal("SIGCONT");
      await node.server.command("config", "set", "maxmemory", "0");
    }
    await this.whole();
    await this.#manage("fix").catch(() => undefined);
    await this.whole();
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await node.stop();
  }

  #views(): Promise<string[]> {
    return Promise.all(this.nodes.map(({ server }) => server.command("cluster", "info")));
  }

  async #manage(what: string, ...words: string[]): Promise<void> {
    const [first] = await this.primaries();
    const at = `127.0.0.1:${first?.front.port}`;
    await exec("redis-cli", ["--cluster", what, at, ...words], { timeout: START_MS });
  }
}

async function idOf({ server }: FrontedRedis): Promise<string> {
  return (await server.command("cluster", "myid")).trim();
}
