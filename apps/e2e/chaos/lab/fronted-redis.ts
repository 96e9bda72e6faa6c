/** A redis-server that everybody, its replicas and Sentinels included, knows by the port of a proxy before it. */
import { freePort } from "@mayfly/lab/ports";
import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { type RedisServer, startRedisServer } from "../../src/redis-server.ts";

export interface FrontedRedis {
  readonly server: RedisServer;
  readonly front: TcpProxy;
  stop(): Promise<void>;
}

type Settings = Readonly<Record<string, string>>;

/** `settings` as redis-server names them, or made from the port of the proxy; without any it keeps nothing on the disk. */
export async function startFrontedRedis(
  settings: Settings | ((front: number) => Settings) = {},
): Promise<FrontedRedis> {
  const port = await freePort();
  const front = await TcpProxy.start(port);
  const server = await startRedisServer({
    port: String(port),
    appendonly: "no",
    "slowlog-log-slower-than": "-1",
    "replica-announce-ip": "127.0.0.1",
    "replica-announce-port": String(front.port),
    "repl-diskless-sync-delay": "0",
    // A replica that was lost without a word comes back within the run.
    "repl-ping-replica-period": "1",
    "repl-timeout": "5",
    ...(typeof settings === "function" ? settings(front.port) : settings),
  });
  return {
    server,
    front,
    stop: async () => {
      await front.close();
      await server.stop();
    },
  };
}

/** Makes `replica` follow `primary`, through the primary's proxy, and resolves when it has caught up. */
export async function follow(replica: FrontedRedis, primary: FrontedRedis): Promise<void> {
  await replica.server.command("replicaof", "127.0.0.1", String(primary.front.port));
}

/** A field of `INFO replication`; empty when it has none. */
export async function replicationField({ server }: FrontedRedis, name: string): Promise<string> {
  const info = await server.command("info", "replication");
  return new RegExp(`^${name}:(.*)\r?$`, "m").exec(info)?.[1]?.trim() ?? "";
}
