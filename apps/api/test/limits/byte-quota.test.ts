import { StoreUnavailable } from "@mayfly/store";
import { afterEach, expect, test } from "vitest";
import { overriding, type RunningService, runService } from "../running-service.ts";
import { callsTo, type SampleSecret, sampleSecret } from "../sample-secret.ts";

let service: RunningService;
afterEach(() => service.close());

const KIB = 1024;
/** 32 KiB of payload. */
const LENGTH = 62 + 32 * KIB + 16;
/** Room for three such envelopes. */
const environment = {
  MAYFLY_RATE_LIMITS: "on",
  TRUSTED_PROXIES: "127.0.0.1",
  MAYFLY_CLIENT_BYTES_PER_HOUR: String(128 * KIB),
};

function clientAt(address: string) {
  const reserve = (secret: SampleSecret) =>
    fetch(`${service.url}/api/v1/secrets`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": address },
      body: JSON.stringify({
        lifetime: 300,
        reads: 1,
        bytes: secret.envelope.length,
        verifiers: secret.verifiers,
      }),
    });
  const idFor = async (secret: SampleSecret) => ((await (await reserve(secret)).json()) as { id: string }).id;
  const deposit = (id: string, secret: SampleSecret, bytes = secret.envelope) =>
    fetch(`${service.url}/api/v1/secrets/${id}/parts/0`, {
      method: "PUT",
      headers: {
        "content-type": "application/octet-stream",
        authorization: `Bearer ${secret.manageToken}`,
        "x-forwarded-for": address,
      },
      body: new Uint8Array(bytes),
    });
  const send = async (secret = sampleSecret(LENGTH)) => (await deposit(await idFor(secret), secret)).status;
  return { reserve, idFor, deposit, send };
}

test("limits the bytes that one client deposits, says when to come back, and lets what is small and others pass", async () => {
  service = await runService({ environment });
  const client = clientAt("192.0.2.1");
  expect([await client.send(), await client.send(), await client.send()]).toEqual([201, 201, 201]);
  const refused = await client.reserve(sampleSecret(LENGTH));
  expect(refused.status).toBe(429);
  expect(await refused.json()).toMatchObject({ code: "quota_exceeded" });
  const seconds = Number(refused.headers.get("retry-after"));
  expect(seconds).toBeGreaterThan(3_000);
  expect(seconds).toBeLessThanOrEqual(3_600);
  expect(await client.send(sampleSecret())).toBe(201);
  expect(await clientAt("192.0.2.2").send()).toBe(201);
  service.clock.advance(3_600_000);
  await service.sweep();
  expect(await client.send()).toBe(201);
});

test("charges what was stored: neither what was announced nor what was refused nor a part sent again", async () => {
  service = await runService({ environment });
  const client = clientAt("192.0.2.1");
  const secrets = Array.from({ length: 5 }, () => sampleSecret(LENGTH));
  const [first, second, third, fourth] = secrets as [SampleSecret, SampleSecret, SampleSecret, SampleSecret];
  const ids = await Promise.all(secrets.map((secret) => client.idFor(secret)));
  const [id = "", secondId = "", thirdId = "", fourthId = ""] = ids;
  for (let sent = 0; sent < 5; sent++) expect((await client.deposit(id, first)).status).toBe(201);
  for (let sent = 0; sent < 5; sent++)
    expect((await client.deposit(id, first, sampleSecret(LENGTH).envelope)).status).toBe(409);
  for (let sent = 0; sent < 5; sent++)
    expect(
      await client.deposit(secondId, second, second.envelope.subarray(1)).then(({ status }) => status),
    ).toBe(400);
  expect((await client.deposit(secondId, second)).status).toBe(201);
  expect((await client.deposit(thirdId, third)).status).toBe(201);
  const refused = await client.deposit(fourthId, fourth);
  expect([refused.status, (await refused.json()) as unknown]).toMatchObject([
    429,
    { code: "quota_exceeded" },
  ]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(3_000);
  // The last answer may have been lost.
  expect((await client.deposit(thirdId, third)).status).toBe(201);
  expect(await service.store.status({ id: fourthId, manage: hashOf(fourth) })).toMatchObject({
    state: "reserved",
  });
});

test("charges nothing while the store is full or does not answer", async () => {
  let answer: "full" | "none" | "its own" = "full";
  service = await runService({
    environment,
    wrapStore: (store) =>
      overriding(store, {
        deposit: async (deposit) => {
          if (answer === "none") throw new StoreUnavailable("timeout");
          return answer === "full" ? { outcome: "full" } : store.deposit(deposit);
        },
      }),
  });
  const client = clientAt("192.0.2.1");
  const secret = sampleSecret(LENGTH);
  const id = await client.idFor(secret);
  for (let sent = 0; sent < 5; sent++) expect((await client.deposit(id, secret)).status).toBe(507);
  answer = "none";
  for (let sent = 0; sent < 5; sent++) expect((await client.deposit(id, secret)).status).toBe(503);
  answer = "its own";
  expect((await client.deposit(id, secret)).status).toBe(201);
});

test("without rate limits there is no quota", async () => {
  service = await runService({ environment: { MAYFLY_CLIENT_BYTES_PER_HOUR: String(64 * KIB) } });
  const calls = callsTo(service.url);
  for (let sent = 0; sent < 5; sent++) await calls.protect(sampleSecret(LENGTH));
});

function hashOf({ verifiers }: SampleSecret): Uint8Array {
  return Buffer.from(verifiers.manage, "base64url");
}
