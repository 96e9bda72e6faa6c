/** Redis on several servers, as stores of a run: what clients are told, what is broken, and where to look. */
import type { StoreOptions } from "@mayfly/store";
import type { Environment } from "../../src/service.ts";
import type { Remainder } from "../history.ts";
import type { FaultMaker } from "./fault.ts";
import { proxyFaults } from "./programs.ts";
import { RedisCluster } from "./redis-cluster.ts";
import { endlessKeys, snapshotOf } from "./redis-contents.ts";
import { RedisReplicas } from "./redis-replicas.ts";
import type { StoreLab } from "./store-lab.ts";

interface Node {
  readonly port: number;
  readonly folder: string;
}

/** Whoever is primary, behind one address that the lab moves. */
export async function startReplicasLab(): Promise<StoreLab> {
  const lab = await RedisReplicas.start();
  const url = `redis://127.0.0.1:${lab.way.port}/0`;
  return {
    ...lookInto(() => [lab.primary.server], url),
    environment: () => ({ REDIS_URL: url }),
    faults: ({ restartWorker }) => [
      ...proxyFaults("redis", () => lab.way, 0.15),
      {
        kind: "primary-lost",
        weight: 6,
        mostMs: 800,
        restMs: 4_000,
        // What is answered between the cut and the kill is on the lost primary alone.
        begin: async () => {
          lab.cutReplication();
          return async () => {
            await lab.failOver();
            await restartWorker();
          };
        },
      },
    ],
    mend: async () => {
      lab.way.mend();
      for (const { front } of lab.nodes) front.mend();
      await lab.inSync();
    },
    stop: () => lab.stop(),
  };
}

export async function startClusterLab(): Promise<StoreLab> {
  const lab = await RedisCluster.start();
  const url = `redis+cluster://${lab.nodes.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
  const environment: Environment = { REDIS_URL: url, MAYFLY_REDIS_WAIT_REPLICAS: "1" };
  let turn = 0;
  return {
    ...lookInto(() => lab.nodes, url),
    environment: () => environment,
    faults: ({ restartWorker }): FaultMaker[] => [
      {
        kind: "primary-lost",
        weight: 6,
        mostMs: 800,
        restMs: 4_000,
        begin: async () => {
          const { comeBack } = await lab.losePrimary(turn++);
          return async () => {
            await comeBack();
            await restartWorker();
          };
        },
      },
    ],
    mend: () => lab.whole(),
    stop: () => lab.stop(),
  };
}

/** Looks into every server. `replicas`: how many confirm, as the service is told. */
export function lookInto(
  nodes: () => readonly Node[],
  url: string,
  replicas = 0,
): Pick<StoreLab, "clock" | "unavailable" | "options" | "endless" | "contents"> {
  const options: StoreOptions = {
    kind: "redis",
    url,
    commandTimeoutMs: 5_000,
    persistence: "any",
    capacityBytes: 2 ** 30,
    ...(replicas > 0 && { replicas: { count: replicas, withinMs: 2_000 } }),
  };
  return {
    clock: null,
    unavailable: [],
    options,
    endless: async () => {
      const found: Remainder[] = [];
      for (const { port } of nodes()) found.push(...(await endlessKeys(port)));
      return found;
    },
    contents: async () => {
      const found = new Map<string, Buffer>();
      for (const [n, { port, folder }] of nodes().entries())
        found.set(`what Redis ${n} holds`, await snapshotOf(port, folder));
      return found;
    },
  };
}
