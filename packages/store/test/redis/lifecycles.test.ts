import { createHash, randomBytes } from "node:crypto";
import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { afterAll, expect, test } from "vitest";
import { openRedisStore } from "../../src/redis/store.ts";
import { live, liveSample, opened, sample } from "../conformance/sample.ts";
import { countOverdue } from "../sweeps.ts";
import { startRedis } from "./server.ts";

const server = await startRedis();
afterAll(() => server.stop());
const redis = server.client();
const options = { commandTimeoutMs: 10_000, persistence: "none", capacityBytes: 2 ** 40 } as const;

test("no key is ever without an expiry, wherever two hundred lifecycles are broken off", async () => {
  const proxy = await TcpProxy.start(server.port);
  const store = await openRedisStore({ ...options, url: proxy.redisUrl });
  for (let i = 0; i < 200; i++) {
    const secret = sample({ parts: 1 + (i % 3), reads: i % 2 ? 1 : 2, passphrase: i % 5 === 0 });
    const opening = secret.opening();
    const request = { id: secret.id, claim: opening.claim };
    const steps = [
      () => store.reserve(secret.reservation),
      ...secret.parts.map((_, part) => () => store.deposit(secret.deposit(part))),
      () => store.open(opening),
      () => store.part({ ...request, part: 0 }),
      () => (i % 4 ? store.acknowledge(request) : store.burn(secret.byManage)),
    ];
    const last = Math.floor(i / 7) % steps.length;
    for (const [at, step] of steps.slice(0, last + 1).entries()) {
      if (at === last) proxy.dropAnswerTo(secret.id);
      await step().catch(() => undefined);
    }
  }
  expect(proxy.dropped).toBe(200);
  const keys = (await redis.keys("*")).filter((key) => !key.startsWith("mayfly:{maintenance}:"));
  expect(keys.length).toBeGreaterThan(200);
  for (const key of keys) expect(await redis.pttl(key), key).toBeGreaterThan(0);
  await store.close();
  await proxy.close();
}, 30_000);

test("the slow log holds no proof, claim or token: only what they were hashed to", async () => {
  const store = await openRedisStore({ ...options, url: server.url() });
  const proofs = Array.from({ length: 4 }, () => randomBytes(32));
  const [link, passphrase, manage, claim] = proofs.map((proof) =>
    createHash("sha256").update(proof).digest(),
  );
  if (!link || !passphrase || !manage || !claim) throw new Error("four proofs");
  const made = sample({ passphrase: true });
  const { id } = made;
  await redis.config("SET", "slowlog-log-slower-than", "0");
  await store.reserve({ ...made.reservation, link, passphrase, manage });
  await store.deposit({ ...made.deposit(0), manage });
  await store.open({ id, link, passphrase, claim, attempt: randomBytes(16) });
  await store.acknowledge({ id, claim });
  await redis.config("SET", "slowlog-log-slower-than", "-1");
  const entries = Buffer.concat(flat(await redis.callBuffer("SLOWLOG", "GET", "100")));
  expect(entries.includes(link)).toBe(true);
  for (const proof of proofs) {
    expect(entries.includes(proof)).toBe(false);
    for (const encoding of ["hex", "base64", "base64url"] as const) {
      expect(entries.includes(proof.toString(encoding))).toBe(false);
    }
  }
  await store.close();
});

test("a part that vanished costs no read, and the sweep removes the secret", async () => {
  const store = await openRedisStore({ ...options, url: server.url() });
  for (const parts of [1, 3]) {
    const secret = await liveSample(store, { parts });
    await redis.del(`mayfly:{${secret.id}}:part:${parts - 1}`);
    expect(await store.open(secret.opening())).toEqual({ outcome: "not_found" });
    expect(await store.status(secret.byLink)).toMatchObject({ state: "live", readsLeft: 1, openedAt: null });
    expect(await countOverdue(store, await store.now(), { batch: 10 })).toBe(1);
    expect(await store.sweep({ batch: 10 })).toMatchObject({ orphans: 1 });
    expect(await store.open(secret.opening())).toEqual({ outcome: "not_found" });
    expect(await redis.keys(`mayfly:{${secret.id}}:part:*`)).toEqual([]);
  }
  const read = sample({ parts: 2 });
  await live(store, read);
  const opening = read.opening();
  await opened(store, opening);
  await redis.del(`mayfly:{${read.id}}:part:1`);
  const further = { id: read.id, claim: opening.claim, part: 1 };
  expect(await store.part(further)).toEqual({ outcome: "not_found" });
  expect(await store.sweep({ batch: 10 })).toMatchObject({ orphans: 1 });
  expect(await store.status(read.byLink)).toEqual({ outcome: "not_found" });
  await store.close();
});

test("a part that vanished before the last one came is missing again, and nothing is live without it", async () => {
  const store = await openRedisStore({ ...options, url: server.url() });
  const secret = sample({ parts: 3 });
  await store.reserve(secret.reservation);
  await store.deposit(secret.deposit(0));
  await store.deposit(secret.deposit(1));
  await redis.del(`mayfly:{${secret.id}}:part:0`);
  expect(await store.deposit(secret.deposit(2))).toEqual({ outcome: "incomplete", missing: [0] });
  expect(await store.status(secret.byManage)).toMatchObject({ state: "reserved" });
  expect(await store.deposit(secret.deposit(0))).toMatchObject({ outcome: "live" });
  expect((await opened(store, secret.opening())).part).toEqual(secret.parts[0]);
  await store.close();
});

test("times never go back for a client, nor for one that is opened after it", async () => {
  const store = await openRedisStore({ ...options, url: server.url(7) });
  const ahead = (await store.now()) + 3_600_000;
  await server.client(7).set("mayfly:{maintenance}:mark", ahead);
  const secret = await liveSample(store, { lifetimeMs: 600_000 });
  expect(await store.now()).toBe(ahead);
  expect(await store.open(secret.opening())).toMatchObject({ outcome: "gone", state: "expired" });
  await server.client(7).del("mayfly:{maintenance}:mark");
  expect(await store.now()).toBe(ahead);
  const other = await openRedisStore({ ...options, url: server.url(7) });
  expect(await other.now()).toBe(ahead);
  await Promise.all([store.close(), other.close()]);
});

function flat(value: unknown): Buffer[] {
  if (Array.isArray(value)) return value.flatMap(flat);
  return Buffer.isBuffer(value) ? [value] : [];
}
