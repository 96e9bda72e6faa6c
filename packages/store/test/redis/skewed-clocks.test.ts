import { afterAll, expect, test } from "vitest";
import { MARK_KEY } from "../../src/redis/keys.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { liveSample } from "../conformance/sample.ts";
import { startRedis } from "./server.ts";

const server = await startRedis();
afterAll(() => server.stop());

test("a process that has seen a later time than another costs no reader a read, and no secret its record", async () => {
  const options = {
    url: server.url(),
    commandTimeoutMs: 10_000,
    persistence: "none" as const,
    capacityBytes: 2 ** 40,
  };
  const [ahead, behind] = [await openRedisStore(options), await openRedisStore(options)];
  const secret = await liveSample(ahead, { reads: 3 });
  const later = (await ahead.now()) + 3_000;
  await server.client().set(MARK_KEY, later);
  expect(await ahead.now()).toBeGreaterThanOrEqual(later);
  const [first, second, third] = [secret.opening(), secret.opening(), secret.opening()];
  expect(await ahead.open(first)).toMatchObject({ outcome: "opened", readsLeft: 2 });
  expect(await behind.open(second)).toMatchObject({ outcome: "opened", readsLeft: 1 });
  for (const again of [first, second])
    expect(await behind.open(again)).toMatchObject({ outcome: "opened", readsLeft: 1 });
  expect((await behind.sweep({ batch: 10 })).orphans).toBe(0);
  expect(await behind.open(third)).toMatchObject({ outcome: "opened", readsLeft: 0 });
  await Promise.all([ahead.close(), behind.close()]);
});
