import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { afterAll, afterEach, expect, test } from "vitest";
import { StoreUnavailable } from "../../src/index.ts";
import { parseAddress } from "../../src/redis/address.ts";
import { ConfirmedSteps } from "../../src/redis/confirmed-steps.ts";
import { Connection } from "../../src/redis/connection.ts";
import { script } from "../../src/redis/record.ts";
import { hash, liveSample, opened } from "../conformance/sample.ts";
import { Replication, TIMEOUT_MS, UNCONFIRMED, WITHIN_MS } from "./replication.ts";
import { eventually, settlesWithin } from "./server.ts";

const replication = await Replication.start();
const { primary } = replication;
afterEach(() => replication.release());
afterAll(() => replication.stop());

test("every confirmed step writes, also when it is sent again and finds its work done", async () => {
  await replication.follow();
  const store = await replication.open(primary);
  const redis = primary.client();
  const secret = await liveSample(store, { parts: 2 });
  const opening = secret.opening();
  await opened(store, opening);
  const offset = async () => Number(/master_repl_offset:(\d+)/.exec(await redis.info("replication"))?.[1]);
  const { id } = secret;
  for (const again of [
    () => store.open(opening),
    () => store.part({ id, claim: opening.claim, part: 0 }),
    () => store.deposit(secret.deposit(0)),
    () => store.acknowledge({ id, claim: opening.claim }),
    () => store.acknowledge({ id, claim: opening.claim }),
    () => store.open(secret.opening()),
  ]) {
    const before = await offset();
    await again();
    // A GETACK is 37 bytes, a ping 14: no write is that short.
    expect((await offset()) - before).toBeGreaterThan(60);
  }
});

test("a script that the server has forgotten is confirmed as well", async () => {
  await replication.follow();
  const store = await replication.open(primary);
  const secret = await liveSample(store);
  await primary.client().script("FLUSH");
  await replication.link?.close();
  await expect(store.open(secret.opening())).rejects.toEqual(UNCONFIRMED);
});

test("a step whose caller was told that it failed is not sent late, however long its connection would have waited", async () => {
  const proxy = await TcpProxy.start(primary.port);
  const connection = await Connection.open(parseAddress(proxy.redisUrl), 10 * TIMEOUT_MS);
  const steps = new ConfirmedSteps([connection], { count: 1, withinMs: WITHIN_MS }, WITHIN_MS);
  const redis = primary.client();
  const read = script("read", 1, "", "return { now, redis.call('INCR', KEYS[1]) }");
  try {
    await connection.execute(read, ["{late}"], []);
    await redis.set("{late}", 0);
    proxy.dropAnswerTo("{late}", "cut");
    await expect(steps.execute(read, ["{late}"], [])).rejects.toMatchObject({ reason: "timeout" });
    proxy.mend();
    await eventually(() => connection.command("PING").then(Boolean, () => false));
    // In order: what was sent when the connection came back has been done.
    expect(await connection.command("GET", "{late}")).toBe("1");
  } finally {
    await steps.close();
    await proxy.close();
  }
});

test("the status, which may be asked for twice, is told in the time of one step", async () => {
  await replication.follow();
  const near = await replication.open(primary);
  const secret = await liveSample(near);
  await opened(near, secret.opening());
  const proxy = await TcpProxy.start(primary.port);
  try {
    const store = await replication.open({ ...primary, url: () => proxy.redisUrl });
    expect(await store.status(secret.byLink)).toMatchObject({ state: "claimed" });
    proxy.delay(0.7 * TIMEOUT_MS);
    const told = store.status(secret.byLink);
    expect(await settlesWithin(TIMEOUT_MS + 200, told)).toBe(true);
    await expect(told).rejects.toEqual(new StoreUnavailable("timeout"));
  } finally {
    await proxy.close();
  }
});

test("many readers at once: one of fifty has the bytes, and none waits in vain", async () => {
  await replication.follow();
  const store = await replication.open(primary);
  for (let round = 0; round < 5; round++) {
    const secret = await liveSample(store);
    const answers = await Promise.all(Array.from({ length: 50 }, () => store.open(secret.opening(hash()))));
    expect(answers.filter(({ outcome }) => outcome === "opened")).toHaveLength(1);
  }
});

test("a server without an append-only file is refused: its replicas could not go on with what it took", async () => {
  const redis = primary.client();
  await replication.follow();
  await redis.config("SET", "appendonly", "no");
  try {
    await expect(replication.open(primary)).rejects.toThrow("wants an append-only file");
  } finally {
    await redis.config("SET", "appendonly", "yes");
  }
});
