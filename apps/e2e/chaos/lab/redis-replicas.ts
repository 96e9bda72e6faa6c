/** A primary and two replicas. Whoever is primary is reached by one address that the lab moves when it promotes by hand. */

import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { until } from "@mayfly/lab/until";
import { type FrontedRedis, follow, replicationField, startFrontedRedis } from "./fronted-redis.ts";
import { START_MS } from "./kept-process.ts";

const REPLICAS = 2;

export class RedisReplicas {
  readonly nodes: readonly FrontedRedis[];
  /** The service's own address of whoever is primary. */
  readonly way: TcpProxy;
  #primary: FrontedRedis;

  private constructor(nodes: readonly FrontedRedis[], primary: FrontedRedis, way: TcpProxy) {
    this.nodes = nodes;
    this.way = way;
    this.#primary = primary;
  }

  /** `settings` of every server, as redis-server names them. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<RedisReplicas> {
    const primary = await startFrontedRedis(settings);
    const nodes = [primary];
    for (let n = 0; n < REPLICAS; n++) nodes.push(await startFrontedRedis(settings));
    const lab = new RedisReplicas(nodes, primary, await TcpProxy.start(primary.front.port));
    for (const node of nodes.slice(1)) await follow(node, primary);
    await lab.inSync();
    return lab;
  }

  get primary(): FrontedRedis {
    return this.#primary;
  }

  /** Resolves when every replica follows the primary. */
  async inSync(): Promise<void> {
    await until(
      "the replicas to follow",
      async () => {
        const count = await replicationField(this.#primary, "connected_slaves");
        const states = await Promise.all(
          this.nodes.map((node) => replicationField(node, "master_link_status")),
        );
        return count === String(REPLICAS) && states.filter((state) => state === "up").length === REPLICAS;
      },
      START_MS,
    );
  }

  /** The replicas hear nothing any more, while clients still write. */
  cutReplication(): void {
    this.#primary.front.cutReplicas();
  }

  /** Kills the primary, promotes the replica that has most, and leads the service there. The old one comes back as a replica. */
  async failOver(): Promise<void> {
    const old = this.#primary;
    await old.server.kill();
    const replicas = this.nodes.filter((node) => node !== old);
    const offsets = await Promise.all(replicas.map((node) => replicationField(node, "slave_repl_offset")));
    const most = Math.max(...offsets.map(Number));
    const next = replicas[offsets.findIndex((offset) => Number(offset) === most)] as FrontedRedis;
    await next.server.command("replicaof", "no", "one");
    this.#primary = next;
    this.way.leadTo(next.front.port);
    this.way.cut();
    this.way.mend();
    old.front.mend();
    await old.server.start();
    for (const node of this.nodes) if (node !== next) await follow(node, next);
    await this.inSync();
  }

  async stop(): Promise<void> {
    await this.way.close();
    for (const node of this.nodes) await node.stop();
  }
}
