import { afterAll, expect, test, vi } from "vitest";
import { parseAddress } from "../../src/redis/address.ts";
import { REPAIR_RECORD } from "../../src/redis/audit.ts";
import { Connection } from "../../src/redis/connection.ts";
import { deposit } from "../../src/redis/deposit.ts";
import { EndingLeases } from "../../src/redis/ending-leases.ts";
import { open } from "../../src/redis/open.ts";
import { reserve } from "../../src/redis/reserve.ts";
import { status } from "../../src/redis/status.ts";
import { openRedisStore } from "../../src/redis/store.ts";
import { live, liveSample, opened, sample } from "../conformance/sample.ts";
import { eventually, startRedis } from "./server.ts";

const server = await startRedis();
afterAll(() => server.stop());
const options = {
  url: server.url(),
  commandTimeoutMs: 10_000,
  persistence: "none",
  capacityBytes: 2 ** 40,
} as const;

const LEASE_MS = 300;

/** DBSIZE counts keys without touching them: what it does not count is not in memory. */
test("the bytes leave memory with the first look after the lease's end, among many keys that live on, without any sweep", async () => {
  const redis = server.client(0);
  for (let batch = 0; batch < 100; batch++) {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 1_000; i++) pipeline.set(`filler:${batch}:${i}`, "x", "EX", 86_400);
    await pipeline.exec();
  }
  const store = await openRedisStore(options);
  const secrets = [];
  for (let i = 0; i < 10; i++) secrets.push(await liveSample(store, { parts: 3, leaseMs: LEASE_MS }));
  const before = await redis.dbsize();
  let last = 0;
  for (const secret of secrets) last = (await opened(store, secret.opening())).leaseEnds;
  await eventually(async () => (await store.now()) > last);
  await store.endDue(100);
  expect(await redis.dbsize()).toBe(before - 30);
  for (const secret of secrets) expect(await store.status(secret.byLink)).toMatchObject({ state: "opened" });
  await store.close();
});

test("an end is not forgotten when this machine's clock runs ahead of the store's", async () => {
  const connection = await Connection.open(parseAddress(server.url()), 10_000);
  const leases = new EndingLeases(connection);
  const secret = sample({ leaseMs: LEASE_MS });
  await reserve(connection, secret.reservation, true);
  await deposit(connection, secret.deposit(0), "all");
  const answer = await open(connection, secret.opening());
  if (answer.outcome !== "opened") throw new Error(answer.outcome);
  leases.remember(secret.id, answer.leaseEnds);
  const estimate = vi.spyOn(connection.clock, "estimate").mockReturnValue(answer.leaseEnds);
  await leases.endDue(1);
  expect(connection.clock.mark).toBeLessThan(answer.leaseEnds);
  estimate.mockRestore();
  const record = `mayfly:{${secret.id}}`;
  await eventually(async () => {
    await leases.endDue(1);
    return (await server.client().hget(record, "state")) === "opened";
  });
  await connection.close();
});

test("an abandoned upload's parts leave memory by the process that took them, when its time is over", async () => {
  const connection = await Connection.open(parseAddress(server.url()), 10_000);
  const leases = new EndingLeases(connection);
  const secret = sample({ parts: 2 });
  await reserve(connection, secret.reservation, true);
  await deposit(connection, secret.deposit(0), "all", (until) => leases.rememberUpload(secret.id, until));
  const keys = async () => (await server.client().keys(`mayfly:{${secret.id}}*`)).length;
  await leases.endDue(1);
  expect(await keys()).toBe(2);
  const told = await status(connection, secret.byManage);
  if (told.outcome !== "status") throw new Error(told.outcome);
  connection.clock.see(told.expiresAt);
  await leases.endDue(1);
  expect(await keys()).toBe(0);
  await connection.close();
});

test("a lease that the sweep gave its time anew after a halt is ended when that time is over", async () => {
  const connection = await Connection.open(parseAddress(server.url()), 10_000);
  const leases = new EndingLeases(connection);
  const secret = sample();
  await reserve(connection, secret.reservation, true);
  await deposit(connection, secret.deposit(0), "all");
  const haltedSince = connection.clock.mark;
  const answer = await open(connection, secret.opening());
  if (answer.outcome !== "opened") throw new Error(answer.outcome);
  leases.remember(secret.id, answer.leaseEnds);
  connection.clock.see(answer.leaseEnds);
  // The sweep comes first, then the process that gave the lease out accepts again.
  await connection.execute(REPAIR_RECORD, [`mayfly:{${secret.id}}`], [haltedSince, -1, -1]);
  await leases.endDue(1);
  const record = `mayfly:{${secret.id}}`;
  expect(await server.client().hget(record, "state")).toBe("live");
  connection.clock.see(connection.clock.mark + 60_000);
  await leases.endDue(1);
  expect(await server.client().hget(record, "state")).toBe("opened");
  expect(await server.client().exists(`${record}:part:0`)).toBe(0);
  await connection.close();
});

test("a command that comes late ends no lease that was running when it was sent, for a halt may have cut it off", async () => {
  const connection = await Connection.open(parseAddress(server.url()), 10_000);
  const leases = new EndingLeases(connection);
  const secret = sample();
  await reserve(connection, secret.reservation, true);
  await deposit(connection, secret.deposit(0), "all");
  const opening = secret.opening();
  const answer = await open(connection, opening);
  if (answer.outcome !== "opened") throw new Error(answer.outcome);
  leases.remember(secret.id, connection.clock.mark);
  const sent = vi.spyOn(connection.clock, "estimate").mockReturnValue(answer.leaseEnds - 1);
  // The server runs the command when the lease is over.
  connection.clock.see(answer.leaseEnds);
  await leases.endDue(1);
  sent.mockRestore();
  const record = `mayfly:{${secret.id}}`;
  expect(await server.client().hget(record, "state")).toBe("live");
  await leases.endDue(1);
  expect(await server.client().hget(record, "state")).toBe("opened");
  await connection.close();
});

test("a reader with a renewed lease is left alone when the first one would have ended", async () => {
  const store = await openRedisStore(options);
  const other = await openRedisStore(options);
  const secret = await liveSample(store, { parts: 2, leaseMs: 400 });
  const opening = secret.opening();
  const { leaseEnds } = await opened(store, opening);
  let renewed = leaseEnds;
  await eventually(async () => {
    const answer = await other.part({ id: secret.id, claim: opening.claim, part: 1 });
    if (answer.outcome !== "part") throw new Error(answer.outcome);
    renewed = answer.leaseEnds;
    await store.endDue(100);
    return (await store.now()) > leaseEnds;
  });
  expect(renewed).toBeGreaterThan(leaseEnds);
  expect(await store.open(opening)).toMatchObject({ outcome: "opened", part: secret.parts[0] });
  await Promise.all([store.close(), other.close()]);
});

test("when the last read was acknowledged nothing is asked at its lease's end; a second reader's lease is still ended", async () => {
  const redis = server.client(0);
  const store = await openRedisStore(options);
  const scripts = async () => /cmdstat_eval/.test(await redis.info("commandstats"));
  const acknowledged = await liveSample(store, { leaseMs: LEASE_MS });
  const two = await liveSample(store, { leaseMs: LEASE_MS, reads: 2 });
  const endLeases = async (last: number) => {
    await eventually(async () => (await store.now()) > last);
    await redis.config("RESETSTAT");
    await store.endDue(100);
  };

  const opening = acknowledged.opening();
  const { leaseEnds } = await opened(store, opening);
  await store.acknowledge({ id: acknowledged.id, claim: opening.claim });
  await endLeases(leaseEnds);
  expect(await scripts()).toBe(false);

  const first = two.opening();
  await opened(store, first);
  const second = await opened(store, two.opening());
  await store.acknowledge({ id: two.id, claim: first.claim });
  await endLeases(second.leaseEnds);
  expect(await scripts()).toBe(true);
  expect(await redis.hget(`mayfly:{${two.id}}`, "state")).toBe("opened");
  await store.close();
});

test("bytes carry an end of their own: the secret's expiry, which no lease outlives, or a day after their upload's time", async () => {
  const store = await openRedisStore(options);
  const redis = server.client(0);
  const secret = sample({ parts: 2, lifetimeMs: 300 });
  await store.reserve(secret.reservation);
  const part = (n: number) => `mayfly:{${secret.id}}:part:${n}`;
  await store.deposit(secret.deposit(1));
  const depositBy = await redis.pexpiretime(`mayfly:{${secret.id}}`);
  expect(await redis.pexpiretime(part(1))).toBe(depositBy);
  const told = await store.status(secret.byManage);
  expect(depositBy).toBe((told.outcome === "status" ? told.expiresAt : 0) + 86_400_000);
  const answer = await store.deposit(secret.deposit(0));
  if (answer.outcome !== "live") throw new Error(answer.outcome);
  for (const n of [0, 1]) expect(await redis.pexpiretime(part(n))).toBe(answer.expiresAt);
  expect(await redis.pexpiretime(`mayfly:{${secret.id}}`)).toBe(answer.expiresAt + 86_400_000);
  await eventually(async () => (await redis.exists(part(0), part(1))) === 0);

  const read = sample({ parts: 2 });
  const expiresAt = await live(store, read);
  await opened(store, read.opening());
  for (const n of [0, 1]) expect(await redis.pexpiretime(`mayfly:{${read.id}}:part:${n}`)).toBe(expiresAt);
  await store.close();
});
