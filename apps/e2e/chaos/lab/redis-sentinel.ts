/** A primary and two replicas that three Sentinels watch; all of them know each server by the port of its proxy. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "@mayfly/lab/ports";
import { Running } from "@mayfly/lab/running";
import { type Folder, temporaryFolder } from "@mayfly/lab/temporary-folder";
import { until } from "@mayfly/lab/until";
import { type FrontedRedis, replicationField } from "./fronted-redis.ts";
import { START_MS } from "./kept-process.ts";
import { RedisReplicas } from "./redis-replicas.ts";

const exec = promisify(execFile);

export const GROUP = "mayfly";
const SENTINELS = 3;
const QUORUM = 2;
const DOWN_AFTER_MS = 1_000;

interface Sentinel {
  readonly port: number;
  readonly running: Running;
}

export class RedisSentinel {
  readonly replicas: RedisReplicas;
  readonly #sentinels: readonly Sentinel[];
  readonly #folder: Folder;
  readonly #dead = new Set<FrontedRedis>();

  private constructor(replicas: RedisReplicas, sentinels: readonly Sentinel[], folder: Folder) {
    this.replicas = replicas;
    this.#sentinels = sentinels;
    this.#folder = folder;
  }

  /** `settings` of every server, as redis-server names them. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<RedisSentinel> {
    const replicas = await RedisReplicas.start(settings);
    const folder = temporaryFolder("sentinel");
    const sentinels: Sentinel[] = [];
    for (let n = 0; n < SENTINELS; n++) {
      const port = await freePort();
      const file = join(folder.path, `sentinel-${n}.conf`);
      const lines = [
        `port ${port}`,
        "bind 127.0.0.1",
        `dir ${folder.path}`,
        "loglevel warning",
        "sentinel announce-ip 127.0.0.1",
        `sentinel announce-port ${port}`,
        `sentinel monitor ${GROUP} 127.0.0.1 ${replicas.primary.front.port} ${QUORUM}`,
        `sentinel down-after-milliseconds ${GROUP} ${DOWN_AFTER_MS}`,
        `sentinel failover-timeout ${GROUP} 6000`,
        `sentinel parallel-syncs ${GROUP} 2`,
      ];
      writeFileSync(file, `${lines.join("\n")}\n`);
      sentinels.push({ port, running: new Running("redis-server", [file, "--sentinel"]) });
    }
    const lab = new RedisSentinel(replicas, sentinels, folder);
    await until(
      "the Sentinels to know each other and the replicas",
      async () => {
        const views = await Promise.all(
          sentinels.map(({ port }) => lab.#ask(port, "sentinel", "master", GROUP)),
        );
        return views.every(
          (view) => field(view, "num-other-sentinels") === "2" && field(view, "num-slaves") === "2",
        );
      },
      START_MS,
    );
    return lab;
  }

  get ports(): readonly number[] {
    return this.#sentinels.map(({ port }) => port);
  }

  /** The node that most Sentinels call primary. */
  async primary(): Promise<FrontedRedis> {
    const named = await Promise.all(
      this.ports.map(async (port) => {
        const said = await this.#ask(port, "sentinel", "get-master-addr-by-name", GROUP).catch(() => "");
        return Number(said.split("\n")[1]);
      }),
    );
    const node = this.replicas.nodes.find(
      ({ front }) => named.filter((port) => port === front.port).length >= QUORUM,
    );
    if (!node) throw new Error("the Sentinels are not of one mind");
    return node;
  }

  /** Those that follow whoever is primary. */
  async followers(): Promise<FrontedRedis[]> {
    const primary = await this.primary();
    return this.replicas.nodes.filter((node) => node !== primary);
  }

  async kill(node: FrontedRedis): Promise<void> {
    this.#dead.add(node);
    await node.server.kill();
  }

  /** Starts a killed one as it was started first: as a primary, which the Sentinels make a replica when they have seen it for a while. */
  async revive(node: FrontedRedis): Promise<void> {
    if (!this.#dead.delete(node)) return;
    await node.server.start();
  }

  /** Kills whoever is primary and resolves when the Sentinels have named another; `comeBack` starts the dead one again. */
  async losePrimary(): Promise<{ comeBack(): Promise<void> }> {
    const old = await this.primary();
    await this.kill(old);
    await until(
      "the Sentinels to name another primary",
      async () => (await this.primary()) !== old,
      START_MS,
    );
    return {
      comeBack: async () => {
        old.front.mend();
        await this.revive(old);
      },
    };
  }

  /** Resolves when the Sentinels are of one mind and every other server follows the one that they name. */
  async whole(): Promise<void> {
    await until(
      "every server to follow the primary",
      async () => {
        const primary = await this.primary();
        const others = this.replicas.nodes.filter((node) => node !== primary);
        const count = await replicationField(primary, "connected_slaves");
        const ways = await Promise.all(
          others.map(async (node) => [
            await replicationField(node, "master_port"),
            await replicationField(node, "master_link_status"),
          ]),
        );
        return (
          (await replicationField(primary, "role")) === "master" &&
          count === String(others.length) &&
          ways.every(([port, status]) => port === String(primary.front.port) && status === "up")
        );
      },
      START_MS,
    );
  }

  signalSentinel(number: number, signal: NodeJS.Signals): void {
    this.#sentinels[number % this.#sentinels.length]?.running.kill(signal);
  }

  /** Whatever was done to them, all of them run, and hear each other. */
  async mend(): Promise<void> {
    for (const { running } of this.#sentinels) running.kill("SIGCONT");
    for (const node of this.replicas.nodes) {
      node.front.mend();
      await this.revive(node);
      node.server.signal("SIGCONT");
      await node.server.command("config", "set", "maxmemory", "0");
    }
    await this.whole();
  }

  async stop(): Promise<void> {
    for (const { running } of this.#sentinels) {
      running.kill("SIGKILL");
      await running.ended;
    }
    await this.replicas.stop();
    this.#folder.remove();
  }

  async #ask(port: number, ...words: string[]): Promise<string> {
    return (await exec("redis-cli", ["-p", String(port), ...words], { timeout: 5_000 })).stdout;
  }
}

/** Of an answer that lists names and values, a line each. */
function field(answer: string, name: string): string | undefined {
  const lines = answer.split("\n");
  return lines[lines.indexOf(name) + 1];
}
