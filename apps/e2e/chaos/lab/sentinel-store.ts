/** Redis under Sentinels, as the store of a run: they say who is primary, and both replicas confirm. */
import { type FaultMaker, untilWhole } from "./fault.ts";
import { follow } from "./fronted-redis.ts";
import { proxyFaults } from "./programs.ts";
import { lookInto } from "./redis-contents.ts";
import { GROUP, RedisSentinel } from "./redis-sentinel.ts";
import type { StoreLab } from "./store-lab.ts";

const REPLICAS = 2;
/** What follows a fault has a service that is well again, and not only an election that is over. */
const REST_MS = 3_000;

export async function startSentinelLab(): Promise<StoreLab> {
  const lab = await RedisSentinel.start({ appendonly: "yes", appendfsync: "always" });
  const url = `redis+sentinel://${lab.ports.map((port) => `127.0.0.1:${port}`).join(",")}/${GROUP}/0`;
  const all = lab.replicas.nodes.map(({ server }) => server);
  return {
    ...lookInto({ primaries: async () => [(await lab.primary()).server], all }, url, REPLICAS),
    environment: () => ({ REDIS_URL: url, MAYFLY_REDIS_WAIT_REPLICAS: String(REPLICAS) }),
    faults: () => faults(lab),
    mend: () => lab.mend(),
    stop: () => lab.stop(),
  };
}

function faults(lab: RedisSentinel): FaultMaker[] {
  const front = async () => (await lab.primary()).front;
  const fault = untilWhole(() => lab.whole());
  const make = (kind: string, weight: number, mostMs: number, begin: FaultMaker["begin"]) =>
    fault({ kind, weight, mostMs, begin, restMs: REST_MS });
  return [
    // One of the network that lasts makes the Sentinels choose another primary, too.
    ...proxyFaults("redis", front, 0.15).map(fault),
    make("primary-lost", 6, 800, async (random) => {
      // What is answered between the cut and the kill is on the lost primary alone.
      (await lab.primary()).front.cutReplicas();
      return async () => {
        const old = await lab.primary();
        const { comeBack } = await lab.losePrimary();
        await comeBack();
        // As the Sentinels find it, a primary beside theirs; or as a careful operator starts it.
        if (random.chance(0.5)) await follow(old, await lab.primary());
      };
    }),
    make("primary-stop", 4, 3_500, async () => {
      const { server } = await lab.primary();
      server.signal("SIGSTOP");
      return () => server.signal("SIGCONT");
    }),
    make("primary-cut-off", 4, 3_500, async () => {
      const { front: way } = await lab.primary();
      way.cut();
      return () => way.mend();
    }),
    make("replication-cut", 4, 1_500, async () => {
      const { front: way } = await lab.primary();
      way.cutReplicas();
      return () => way.mend();
    }),
    make("replica-kill", 3, 1_000, async (random) => {
      const node = random.pick(await lab.followers());
      await lab.kill(node);
      return async () => {
        await lab.revive(node);
        await follow(node, await lab.primary());
      };
    }),
    make("sentinel-stop", 2, 3_000, async (random) => {
      const number = random.between(0, lab.ports.length - 1);
      lab.signalSentinel(number, "SIGSTOP");
      return () => lab.signalSentinel(number, "SIGCONT");
    }),
    make("memory-full", 3, 1_500, async () => {
      const { server } = await lab.primary();
      await server.command("config", "set", "maxmemory", "1mb");
      return async () => void (await server.command("config", "set", "maxmemory", "0"));
    }),
  ];
}
