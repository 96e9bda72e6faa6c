import { afterAll, onTestFinished } from "vitest";
import { MARK_KEY } from "../../src/redis/keys.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { HOUR } from "../conformance/sample.ts";
import { describeHaltRace } from "../race/halt.ts";
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

/** The mark leads the server's clock, so that the store's time stands still. */
describeHaltRace("Redis", async () => {
  const options = {
    url: server.url(1),
    commandTimeoutMs: 10_000,
    persistence: "none",
    capacityBytes: 2 ** 40,
  } as const;
  const marks = server.client(1);
  let now = Date.now() + HOUR;
  await marks.set(MARK_KEY, now);
  const store = await openRedisStore(options);
  onTestFinished(() => store.close());
  const advance = async (ms: number) => {
    now += ms;
    await marks.set(MARK_KEY, now);
    await store.now();
  };
  return { options: { kind: "redis", ...options }, store, advance };
});
