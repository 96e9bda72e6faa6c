import { StoreUnavailable } from "@mayfly/store";
import { afterEach, expect, test } from "vitest";
import { requestsPerMinute } from "../../src/limits/rates.ts";
import { overriding, type RunningService, runService } from "../running-service.ts";
import { callsTo, sampleSecret } from "../sample-secret.ts";

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

const JSON_TYPE = { "content-type": "application/json" };
test.each([
  ["malformed", { ...JSON_TYPE }, 400],
  ["of the wrong type", { "content-type": "text/plain" }, 415],
  ["compressed", { ...JSON_TYPE, "content-encoding": "gzip" }, 415],
  ["from another site", { ...JSON_TYPE, "sec-fetch-site": "cross-site" }, 403],
])("counts bodies that are %s like any other", async (_what, headers, status) => {
  service = await runService({ environment: trusting });
  const { read, create } = requestsPerMinute;
  for (const [path, most] of [
    ["/api/v1/secrets", create],
    [`/api/v1/secrets/${"A".repeat(22)}/open`, read],
  ] as const) {
    const send = () => fetch(`${service.url}${path}`, { method: "POST", headers, body: "{" });
    expect((await send()).status).toBe(status);
    expect(await passing(send, 500)).toBe(most - 1);
    const refused = await send();
    expect(await refused.json()).toMatchObject({ code: "rate_limited" });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  }
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

test("counts a /48 as four clients", async () => {
  service = await runService({ environment: trusting });
  let network = 0;
  const unknown = () =>
    fetch(`${service.url}/nothing`, {
      headers: from(`2001:db8:5:${((network++ % 250) * 256).toString(16)}::1`),
    });
  expect(await passing(unknown, 1_000)).toBe(4 * requestsPerMinute.unknown);
});

test("goes on limiting while the store cannot be reached, and asks it for nothing", async () => {
  const asked: string[] = [];
  service = await runService({
    environment: { MAYFLY_RATE_LIMITS: "on" },
    wrapStore: (store) =>
      overriding(store, {
        take: () => {
          asked.push("take");
          return Promise.reject(new StoreUnavailable("connection"));
        },
        reserve: () => Promise.reject(new StoreUnavailable("connection")),
      }),
  });
  const { envelope, verifiers } = sampleSecret();
  const reserve = () =>
    callsTo(service.url).reserve({ lifetime: 300, reads: 1, bytes: envelope.length, verifiers });
  const refused = await reserve();
  expect([refused.status, (await refused.json()) as unknown]).toMatchObject([503, { code: "unavailable" }]);
  expect(await passing(reserve, 500)).toBe(requestsPerMinute.create - 1);
  expect(asked).toEqual([]);
});
