/** A Redis Cluster, as the store of a run: every primary has a replica that confirms. */
import { type FaultMaker, untilWhole } from "./fault.ts";
import type { FrontedRedis } from "./fronted-redis.ts";
import { proxyFaults } from "./programs.ts";
import { RedisCluster } from "./redis-cluster.ts";
import { lookInto } from "./redis-contents.ts";
import type { StoreLab } from "./store-lab.ts";

const REPLICAS = 1;
/** What follows a fault has a service that is well again, and not only an election that is over. */
const REST_MS = 3_000;
/** Of sixteen thousand: with what is kept in a run, some of its secrets are in them. */
const MOST_SLOTS = 600;

export async function startClusterLab(): Promise<StoreLab> {
  const lab = await RedisCluster.start({ appendonly: "yes", appendfsync: "always" });
  const url = `redis+cluster://${lab.nodes.map(({ front }) => `127.0.0.1:${front.port}`).join(",")}`;
  const all = lab.nodes.map(({ server }) => server);
  const primaries = async () => (await lab.primaries()).map(({ server }) => server);
  return {
    ...lookInto({ primaries, all }, url, REPLICAS),
    environment: () => ({ REDIS_URL: url, MAYFLY_REDIS_WAIT_REPLICAS: String(REPLICAS) }),
    faults: () => faults(lab),
    mend: () => lab.mend(),
    stop: () => lab.stop(),
  };
}

function faults(lab: RedisCluster): FaultMaker[] {
  const fault = untilWhole(() => lab.whole());
  const make = (kind: string, weight: number, mostMs: number, begin: FaultMaker["begin"]) =>
    fault({ kind, weight, mostMs, begin, restMs: REST_MS });
  let turn = 0;
  /** Each in its turn. */
  const next = async (): Promise<FrontedRedis> => {
    const primaries = await lab.primaries();
    return primaries[turn++ % primaries.length] as FrontedRedis;
  };
  return [
    ...proxyFaults("redis", async () => (await next()).front, 0.15).map(fault),
    make("primary-lost", 6, 800, async () => {
      const number = turn++;
      const primaries = await lab.primaries();
      // What is answered between the cut and the kill is on the lost primary alone.
      primaries[number % primaries.length]?.front.cutReplicas();
      return async () => (await lab.losePrimary(number)).comeBack();
    }),
    make("primary-stop", 4, 4_500, async () => {
      const { server } = await next();
      server.signal("SIGSTOP");
      return () => server.signal("SIGCONT");
    }),
    // Its fellows still hear it by their own way, so that nobody takes its place.
    make("primary-cut-off", 4, 2_500, async () => {
      const { front } = await next();
      front.cut();
      return () => front.mend();
    }),
    make("replication-cut", 4, 1_500, async () => {
      const { front } = await next();
      front.cutReplicas();
      return () => front.mend();
    }),
    make("replica-kill", 3, 1_000, async (random) => {
      const primaries = await lab.primaries();
      const node = random.pick(lab.nodes.filter((each) => !primaries.includes(each)));
      await lab.kill(node);
      return () => lab.revive(node);
    }),
    make("slots-moved", 5, 100, async (random) => {
      const primaries = await lab.primaries();
      const [from, to] = [turn, turn + 1].map((n) => primaries[n % primaries.length] as FrontedRedis);
      turn += 1;
      const moving = lab.moveSlots(from as FrontedRedis, to as FrontedRedis, random.between(100, MOST_SLOTS));
      // Told at the end; until then it is nobody's.
      moving.catch(() => undefined);
      return () => moving;
    }),
    make("memory-full", 3, 1_500, async () => {
      const { server } = await next();
      await server.command("config", "set", "maxmemory", "1mb");
      return async () => void (await server.command("config", "set", "maxmemory", "0"));
    }),
  ];
}
