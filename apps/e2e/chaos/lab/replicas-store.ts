/** A primary and its replicas, as the store of a run. */
import { proxyFaults } from "./programs.ts";
import { lookInto } from "./redis-contents.ts";
import { RedisReplicas } from "./redis-replicas.ts";
import type { StoreLab } from "./store-lab.ts";

/** Whoever is primary, behind one address that the lab moves. */
export async function startReplicasLab(): Promise<StoreLab> {
  const lab = await RedisReplicas.start();
  const url = `redis://127.0.0.1:${lab.way.port}/0`;
  return {
    ...lookInto({ primaries: () => [lab.primary.server], all: lab.nodes.map(({ server }) => server) }, url),
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
