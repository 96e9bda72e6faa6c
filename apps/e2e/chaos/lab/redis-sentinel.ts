/** A primary and two replicas that three Sentinels watch; all of them know each server by the port of its proxy. */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Folder, freePort, temporaryFolder } from "../../src/ground.ts";
import { Running } from "../../src/running.ts";
import { until } from "../../src/until.ts";
import type { FrontedRedis } from "./fronted-redis.ts";
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

  private constructor(replicas: RedisReplicas, sentinels: readonly Sentinel[], folder: Folder) {
    this.replicas = replicas;
    this.#sentinels = sentinels;
    this.#folder = folder;
  }

  static async start(): Promise<RedisSentinel> {
    const replicas = await RedisReplicas.start();
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

  /** The node that the Sentinels call primary. */
  async primary(): Promise<FrontedRedis> {
    const said = await this.#ask(this.ports[0] as number, "sentinel", "get-master-addr-by-name", GROUP);
    const port = Number(said.split("\n")[1]);
    const node = this.replicas.nodes.find(({ front }) => front.port === port);
    if (!node) throw new Error("the Sentinels name a server that is none of ours");
    return node;
  }

  /** Kills whoever is primary and resolves when the Sentinels have named another; `comeBack` starts the dead one again. */
  async losePrimary(): Promise<{ comeBack(): Promise<void> }> {
    const old = await this.primary();
    await old.server.kill();
    await until(
      "the Sentinels to name another primary",
      async () => (await this.primary()) !== old,
      START_MS,
    );
    return {
      comeBack: async () => {
        old.front.mend();
        await old.server.start();
      },
    };
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
    return (await exec("redis-cli", ["-p", String(port), ...words])).stdout;
  }
}

/** Of an answer that lists names and values, a line each. */
function field(answer: string, name: string): string | undefined {
  const lines = answer.split("\n");
  return lines[lines.indexOf(name) + 1];
}
