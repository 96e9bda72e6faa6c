import { afterAll } from "vitest";
import { describeRace } from "../race/race.ts";
import { startCluster } from "./cluster-servers.ts";

const cluster = await startCluster();
afterAll(() => cluster.stop());
const redis = cluster.client();

describeRace("Redis Cluster", async () => ({
  options: {
    kind: "redis",
    url: cluster.url(),
    commandTimeoutMs: 10_000,
    persistence: "none",
    capacityBytes: 2 ** 40,
  },
  hasCiphertext: async (id) => (await redis.exists(`mayfly:{${id}}:part:0`)) === 1,
}));
