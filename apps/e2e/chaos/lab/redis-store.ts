/** One redis-server, with a proxy for each program on the way to it. */

import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { startRedisServer } from "../../src/redis-server.ts";
import type { FaultMaker } from "./fault.ts";
import { proxyFaults } from "./programs.ts";
import { endlessKeys, snapshotOf } from "./redis-contents.ts";
import type { StoreLab } from "./store-lab.ts";

const PROGRAMS = ["api-0", "api-1", "worker"] as const;

/** `settings` as redis-server names them. */
export async function startRedisLab(settings: Readonly<Record<string, string>>): Promise<StoreLab> {
  const server = await startRedisServer({ "slowlog-log-slower-than": "-1", ...settings });
  const ways = new Map<string, TcpProxy>();
  for (const name of PROGRAMS) ways.set(name, await TcpProxy.start(server.port));
  const all = [...ways.values()];
  let killed = false;
  return {
    clock: null,
    unavailable: [],
    environment: (program) => ({ REDIS_URL: `redis://127.0.0.1:${ways.get(program)?.port}/0` }),
    options: {
      kind: "redis",
      url: server.url,
      commandTimeoutMs: 5_000,
      persistence: "any",
      capacityBytes: 2 ** 30,
    },
    faults: ({ restartWorker }): FaultMaker[] => [
      ...all.flatMap((way) => proxyFaults("redis", () => way, 0.15)),
      {
        kind: "redis-kill",
        weight: 8,
        mostMs: 1_000,
        restMs: 3_000,
        begin: async () => {
          killed = true;
          await server.kill();
          return async () => {
            await server.start();
            killed = false;
            // As its operator would: a sweep opens the service that has met another store.
            await restartWorker();
          };
        },
      },
      {
        // What a restart finds again when there is no append-only file: yesterday's secrets, unread.
        kind: "redis-snapshot",
        weight: settings.appendonly === "yes" ? 0 : 5,
        mostMs: 100,
        begin: async () => {
          await server.command("bgsave");
          return () => undefined;
        },
      },
      {
        kind: "redis-stop",
        weight: 5,
        mostMs: 2_500,
        begin: async () => {
          server.signal("SIGSTOP");
          return () => server.signal("SIGCONT");
        },
      },
      {
        kind: "memory-full",
        weight: 6,
        mostMs: 1_500,
        begin: async () => {
          await server.command("config", "set", "maxmemory", "1mb");
          return async () => void (await server.command("config", "set", "maxmemory", "0"));
        },
      },
    ],
    mend: async () => {
      for (const way of all) way.mend();
      if (killed) await server.start();
      server.signal("SIGCONT");
      await server.command("config", "set", "maxmemory", "0");
    },
    endless: () => endlessKeys(server.port),
    contents: async () => new Map([["what Redis holds", await snapshotOf(server.port, server.folder)]]),
    stop: async () => {
      for (const way of all) await way.close();
      await server.stop();
    },
  };
}
