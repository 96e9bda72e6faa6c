import { afterAll } from "vitest";
import { describeRace } from "../race/race.ts";
import { startRedis } from "./server.ts";

const server = await startRedis();
afterAll(() => server.stop());
const redis = server.client();

describeRace("Redis", async () => ({
  options: {
    kind: "redis",
    url: server.url(),
    commandTimeoutMs: 10_000,
    persistence: "none",
    capacityBytes: 2 ** 40,
  },
  hasCiphertext: async (id) => (await redis.exists(`mayfly:{${id}}:part:0`)) === 1,
}));
