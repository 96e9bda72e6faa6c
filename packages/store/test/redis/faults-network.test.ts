import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { type Store, StoreUnavailable } from "../../src/index.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { liveSample, opened } from "../conformance/sample.ts";
import { insist } from "./insist.ts";
import { settlesWithin, startRedis } from "./server.ts";

const TIMEOUT_MS = 500;
const server = await startRedis();
afterAll(() => server.stop());

let proxy: TcpProxy;
let store: Store;
beforeEach(async () => {
  proxy = await TcpProxy.start(server.port);
  store = await openRedisStore({
    url: proxy.redisUrl,
    commandTimeoutMs: TIMEOUT_MS,
    persistence: "none",
    capacityBytes: 2 ** 40,
  });
});
afterEach(async () => {
  await store.close();
  await proxy.close();
});

test("a connection that is cut under fifty openers leaves one reader, and nobody without an answer", async () => {
  for (let round = 0; round < 5; round++) {
    const secret = await insist(() => liveSample(store));
    const openings = Array.from({ length: 50 }, () => secret.opening());
    const asking = openings.map((opening, number) => {
      // Before, while and after they are on their way.
      if (number === 10 * round) setImmediate(() => proxy.cut());
      return store.open(opening).catch((error: unknown) => error);
    });
    for (const answer of await Promise.all(asking)) {
      if (answer instanceof Error) expect(answer).toBeInstanceOf(StoreUnavailable);
    }
    proxy.mend();
    const answers = await Promise.all(openings.map((opening) => insist(() => store.open(opening))));
    const read = answers.filter(({ outcome }) => outcome === "opened");
    expect(read).toEqual([expect.objectContaining({ part: secret.parts[0] })]);
    expect(answers.filter(({ outcome }) => outcome === "gone")).toHaveLength(49);
  }
});

test("answers that come later than their time give nobody bytes, and the same claim has them when it comes again", async () => {
  const secret = await liveSample(store);
  const opening = secret.opening();
  proxy.delay(2 * TIMEOUT_MS);
  const told = store.open(opening);
  expect(await settlesWithin(2 * TIMEOUT_MS, told)).toBe(true);
  await expect(told).rejects.toEqual(new StoreUnavailable("timeout"));
  await expect(store.open(secret.opening())).rejects.toBeInstanceOf(StoreUnavailable);
  proxy.delay(0);
  expect(await insist(() => store.open(opening))).toMatchObject({ outcome: "opened", part: secret.parts[0] });
  expect(await store.open(secret.opening())).toMatchObject({ outcome: "gone" });
});

test("a connection whose other side has vanished without a word is given up, and costs no read", async () => {
  const secret = await liveSample(store);
  const opening = secret.opening();
  proxy.holdAnswers();
  await expect(store.open(opening)).rejects.toEqual(new StoreUnavailable("timeout"));
  // What the held connection owes never comes; it is not closed either.
  proxy.forget();
  expect((await insist(() => opened(store, opening))).part).toEqual(secret.parts[0]);
});
