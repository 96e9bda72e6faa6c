import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { freePort } from "@mayfly/lab/ports";
import { Running } from "@mayfly/lab/running";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { Hopeless, until } from "@mayfly/lab/until";

const exec = promisify(execFile);

/** A redis-server of the test's own, on a free port of the loopback. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Where its dump and append files lie. */
  readonly folder: string;
  /** One command through redis-cli; what it printed. */
  command(...words: string[]): Promise<string>;
  /** Ends the process without warning; `start` brings it back with what it kept. */
  kill(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * With an append file and a log of every command, so that whatever reaches it can be looked for; or as `different` says.
 * Throws where there is no redis-server.
 */
export async function startRedisServer(
  different: Readonly<Record<string, string>> = {},
): Promise<RedisServer> {
  const folder = temporaryFolder("redis");
  const port = Number(different.port ?? (await freePort()));
  const settings = {
    port: String(port),
    bind: "127.0.0.1",
    dir: folder.path,
    loglevel: "warning",
    "maxmemory-policy": "noeviction",
    save: "",
    rdbcompression: "no",
    appendonly: "yes",
    appendfsync: "everysec",
    "slowlog-log-slower-than": "0",
    "slowlog-max-len": "100000",
    ...different,
  };
  let running: Running;
  const command = async (...words: string[]) => {
    const { stdout } = await exec("redis-cli", ["-p", String(port), ...words], {
      encoding: "latin1",
      maxBuffer: 256 * 1024 * 1024,
    });
    return stdout;
  };
  const start = async () => {
    running = new Running(
      "redis-server",
      Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    );
    await until("redis-server to answer", async () => {
      if (running.over) throw new Hopeless(running.output);
      return (await command("ping")).startsWith("PONG");
    });
  };
  await start();
  const kill = async () => {
    running.kill("SIGKILL");
    await running.ended;
  };
  return {
    url: `redis://127.0.0.1:${port}/0`,
    port,
    folder: folder.path,
    command,
    kill,
    signal: (signal) => running.kill(signal),
    start,
    stop: async () => {
      await kill();
      folder.remove();
    },
  };
}
