import { StoreUnavailable } from "@mayfly/store";
import { afterEach, expect, test } from "vitest";
import { requestsPerMinute } from "../src/limiter.ts";
import { overriding, type RunningService, runService } from "./running-service.ts";
import { callsTo, sampleSecret } from "./sample-secret.ts";

let service: RunningService;
afterEach(() => service.close());

/** Sends requests until one is refused, at most `most`; answers how many passed. */
async function passing(send: () => Promise<Response>, most: number): Promise<number> {
  for (let passed = 0; passed < most; passed++) {
    const answer = await send();
    await answer.arrayBuffer();
    if (answer.status === 429) return passed;
  }
  return most;
}

const from = (address: string) => ({ "x-forwarded-for": address });
const trusting = { MAYFLY_RATE_LIMITS: "on", TRUSTED_PROXIES: "127.0.0.1" };

test("limits each class of routes by itself, and says when to come back", async () => {
  service = await runService({ environment: { MAYFLY_RATE_LIMITS: "on" } });
  const calls = callsTo(service.url);
  expect(await passing(() => calls.reserve({}), 500)).toBe(requestsPerMinute.create);
  const refused = await calls.reserve({});
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60);
  expect(await refused.json()).toMatchObject({ code: "rate_limited" });
  expect((await fetch(`${service.url}/api/v1/service`)).status).toBe(200);
});

test("limits the bytes that one client reserves, and not those of another or of what is small", async () => {
  const MIB = 1024 * 1024;
  service = await runService({
    environment: {
      ...trusting,
      MAYFLY_STORE_MAX_BYTES: String(16 * MIB),
      MAYFLY_ENVELOPE_MAX_BYTES: String(MIB),
    },
  });
  const { verifiers } = sampleSecret();
  const reserve = (address: string, bytes: number) =>
    fetch(`${service.url}/api/v1/secrets`, {
      method: "POST",
      headers: { "content-type": "application/json", ...from(address) },
      body: JSON.stringify({ lifetime: 300, reads: 1, bytes, verifiers }),
    });
  // 896 KiB of payload; an eighth of the store holds two such envelopes.
  const large = 62 + 917_504 + 14 * 16;
  const statuses: number[] = [];
  for (let sent = 0; sent < 3; sent++) statuses.push((await reserve("192.0.2.1", large)).status);
  expect(statuses).toEqual([201, 201, 429]);
  const refused = await reserve("192.0.2.1", large);
  expect(await refused.json()).toMatchObject({ code: "quota_exceeded" });
  const seconds = Number(refused.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(60);
  expect(seconds).toBeLessThanOrEqual(3600);
  expect((await reserve("192.0.2.1", sampleSecret().envelope.length)).status).toBe(201);
  expect((await reserve("192.0.2.2", large)).status).toBe(201);
});

test("takes nothing of a client's bytes while the store is full or does not answer", async () => {
  let answer: "full" | "none" | "its own" = "full";
  service = await runService({
    environment: {
      MAYFLY_RATE_LIMITS: "on",
      MAYFLY_STORE_MAX_BYTES: String(2 ** 20),
      MAYFLY_ENVELOPE_MAX_BYTES: "65536",
    },
    wrapStore: (store) =>
      overriding(store, {
        reserve: async (reservation) => {
          if (answer === "none") throw new StoreUnavailable("timeout");
          return answer === "full" ? { outcome: "full" } : store.reserve(reservation);
        },
      }),
  });
  // 32 KiB of payload; an eighth of the store holds three such envelopes.
  const reserve = async () => {
    const { verifiers } = sampleSecret();
    const asked = { lifetime: 300, reads: 1, bytes: 62 + 32_768 + 16, verifiers };
    return (await callsTo(service.url).reserve(asked)).status;
  };
  for (let sent = 0; sent < 5; sent++) expect(await reserve()).toBe(507);
  answer = "none";
  for (let sent = 0; sent < 5; sent++) expect(await reserve()).toBe(503);
  answer = "its own";
  expect(await reserve()).toBe(201);
});

test("reserves nothing for a client whose bytes cannot be counted, and recovers by itself", async () => {
  let broken = true;
  let reserved = 0;
  service = await runService({
    environment: { MAYFLY_RATE_LIMITS: "on" },
    wrapStore: (store) =>
      overriding(store, {
        spend: (...request) =>
          broken ? Promise.reject(new StoreUnavailable("timeout")) : store.spend(...request),
        reserve: (reservation) => {
          reserved += 1;
          return store.reserve(reservation);
        },
      }),
  });
  const { envelope, verifiers } = sampleSecret();
  const reserve = () =>
    callsTo(service.url).reserve({ lifetime: 300, reads: 1, bytes: envelope.length, verifiers });
  const refused = await reserve();
  expect([refused.status, (await refused.json()) as unknown]).toMatchObject([503, { code: "unavailable" }]);
  expect(refused.headers.get("retry-after")).not.toBeNull();
  expect(reserved).toBe(0);
  broken = false;
  expect((await reserve()).status).toBe(201);
});

test("limits addresses that do not exist, too", async () => {
  service = await runService({ environment: { MAYFLY_RATE_LIMITS: "on" } });
  let number = 0;
  expect(await passing(() => fetch(`${service.url}/guess-${number++}`), 500)).toBe(requestsPerMinute.unknown);
});

test("counts one IPv6 /64 as one client, and another as another", async () => {
  service = await runService({ environment: trusting });
  const unknown = (address: string) => fetch(`${service.url}/nothing`, { headers: from(address) });
  let host = 0;
  const passed = await passing(() => unknown(`2001:db8:0:1::${(host++).toString(16)}`), 500);
  expect(passed).toBe(requestsPerMinute.unknown);
  expect((await unknown("2001:db8:0:2::1")).status).toBe(404);
  expect((await unknown("192.0.2.1")).status).toBe(404);
});

test("does not believe X-Forwarded-For from a peer that is not trusted", async () => {
  service = await runService({ environment: { MAYFLY_RATE_LIMITS: "on" } });
  let host = 0;
  const spoofing = () => fetch(`${service.url}/nothing`, { headers: from(`192.0.2.${host++ % 250}`) });
  expect(await passing(spoofing, 500)).toBe(requestsPerMinute.unknown);
});

test("hands the store keyed hashes, never an address", async () => {
  const buckets: string[] = [];
  service = await runService({
    environment: trusting,
    wrapStore: (store) =>
      overriding(store, {
        count: (bucket, windowMs) => {
          buckets.push(bucket);
          return store.count(bucket, windowMs);
        },
      }),
  });
  await fetch(`${service.url}/nothing`, { headers: from("198.51.100.77") });
  expect(buckets).toHaveLength(1);
  expect(buckets[0]).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(Buffer.from(buckets[0] ?? "", "base64url").toString("latin1")).not.toContain("198.51");
});

test("answers 503 instead of letting anybody pass when its counters cannot be reached, and recovers by itself", async () => {
  let broken = false;
  service = await runService({
    environment: { MAYFLY_RATE_LIMITS: "on" },
    wrapStore: (store) =>
      overriding(store, {
        count: (bucket, windowMs) =>
          broken ? Promise.reject(new StoreUnavailable("timeout")) : store.count(bucket, windowMs),
      }),
  });
  const calls = callsTo(service.url);
  const secret = sampleSecret();
  const reservation = { lifetime: 300, reads: 1, bytes: secret.envelope.length, verifiers: secret.verifiers };
  broken = true;
  const refused = await calls.reserve(reservation);
  expect([refused.status, (await refused.json()) as unknown]).toMatchObject([503, { code: "unavailable" }]);
  expect(refused.headers.get("retry-after")).not.toBeNull();
  broken = false;
  expect((await calls.reserve(reservation)).status).toBe(201);
});
