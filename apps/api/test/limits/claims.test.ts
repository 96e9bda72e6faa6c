import { afterEach, expect, test } from "vitest";
import { Claims, LEASES_OF_ONE } from "../../src/limits/claims.ts";
import { Clients } from "../../src/limits/clients.ts";
import { overriding, type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

const LEASE_MS = 60_000;
const clients = new Clients({ monotonic: () => 0 });
const [ALICE, BOB] = [clients.of("192.0.2.1"), clients.of("192.0.2.2")];

function prepare() {
  const clock = { now: 0, monotonic: () => clock.now, wall: () => clock.now };
  return { clock, claims: new Claims(clock, LEASE_MS, 2) };
}

test("knows a claim from its open for as long as a lease runs, from each step anew, until it is acknowledged", () => {
  const { clock, claims } = prepare();
  expect(claims.isLive("id", "claim")).toBe(false);
  claims.open("id", "claim", ALICE)(true);
  clock.now += LEASE_MS - 1;
  expect([
    claims.isLive("id", "claim"),
    claims.isLive("id", "other"),
    claims.isLive("other", "claim"),
  ]).toEqual([true, false, false]);
  claims.renew("id", "claim");
  clock.now += LEASE_MS - 1;
  expect(claims.isLive("id", "claim")).toBe(true);
  clock.now += 1;
  expect(claims.isLive("id", "claim")).toBe(false);
  claims.open("id", "claim", ALICE)(true);
  claims.forget("id", "claim");
  expect(claims.isLive("id", "claim")).toBe(false);
});

test("knows no claim that did not open", () => {
  const { claims } = prepare();
  claims.open("id", "claim", ALICE)(false);
  expect(claims.isLive("id", "claim")).toBe(false);
});

test("lets a client have so many leases of one unlimited secret, and again as many when they end or are acknowledged", () => {
  const { clock, claims } = prepare();
  const open = (claim: string, client = ALICE, id = "id") => claims.open(id, claim, client)(true, true);
  open("1");
  open("2");
  open("2");
  expect(() => open("3")).toThrow("rate_limited");
  open("3", BOB);
  open("3", ALICE, "other");
  claims.forget("id", "1");
  open("4");
  expect(() => open("5")).toThrow("rate_limited");
  clock.now += LEASE_MS;
  open("5");
  open("6");
});

test("limits no opens of secrets whose reads are counted", () => {
  const { claims } = prepare();
  for (let opened = 0; opened < 10; opened++) claims.open("id", `claim-${opened}`, ALICE)(true, false);
  expect(claims.isLive("id", "claim-0")).toBe(true);
});

test("gives the leases that a halt cut off their time anew, and none that was over before", () => {
  const { clock, claims } = prepare();
  claims.open("id", "over", ALICE)(true);
  clock.now += LEASE_MS / 2;
  claims.open("id", "cut off", ALICE)(true);
  clock.now += LEASE_MS * 0.75;
  const haltedMs = 4 * LEASE_MS;
  clock.now += haltedMs;
  claims.resume(haltedMs);
  expect([claims.isLive("id", "over"), claims.isLive("id", "cut off")]).toEqual([false, true]);
  clock.now += LEASE_MS;
  expect(claims.isLive("id", "cut off")).toBe(false);
});

let service: RunningService | undefined;
afterEach(async () => {
  await service?.close();
  service = undefined;
});

/** In three parts. */
const LENGTH = 62 + 131_072 + 2 * 16;

test("an address that has used up every limit still finishes its download, and begins no other", async () => {
  let usedUp = false;
  service = await runService({
    environment: { MAYFLY_RATE_LIMITS: "on", MAYFLY_LIMITER_KEY: randomText(32) },
    // As if other processes had let everything through.
    wrapStore: (store) =>
      overriding(store, {
        take: async (entries) =>
          entries.map(({ windowMs }) => ({ total: usedUp ? 2 ** 60 : 1, resetMs: windowMs })),
      }),
  });
  const { url, guard } = service;
  const calls = callsTo(url);
  const secret = sampleSecret(LENGTH);
  const [id, other] = [await calls.protect(secret), await calls.protect(secret)];
  const opening = { linkProof: secret.linkProof, claim: randomText(32) };
  const pieces = [await (await calls.open(id, opening)).arrayBuffer()];
  usedUp = true;
  const elsewhere = randomText(32);
  for (const send of [
    () => calls.part(other, 0, elsewhere),
    () => calls.acknowledge(other, elsewhere),
    () => calls.open(other, { ...opening, linkProof: randomText(32) }),
  ]) {
    await expect
      .poll(
        async () => {
          await guard.look();
          const answer = await send();
          return [answer.status, await codeOf(answer), Number(answer.headers.get("retry-after")) > 0];
        },
        { timeout: 20_000 },
      )
      .toEqual([429, "rate_limited", true]);
  }

  expect((await calls.open(id, opening)).status).toBe(200);
  for (const part of [1, 2]) pieces.push(await (await calls.part(id, part, opening.claim)).arrayBuffer());
  expect(Buffer.concat(pieces.map((piece) => Buffer.from(piece)))).toEqual(secret.envelope);
  expect((await calls.acknowledge(id, opening.claim)).status).toBe(204);
  expect((await calls.open(other, opening)).status).toBe(429);
}, 60_000);

async function codeOf(answer: Response): Promise<unknown> {
  return ((await answer.json()) as { code: unknown }).code;
}

test("one address holds no more than its share of an unlimited secret's leases", async () => {
  service = await runService({ environment: { MAYFLY_RATE_LIMITS: "on", TRUSTED_PROXIES: "127.0.0.1" } });
  const { url } = service;
  const calls = callsTo(url);
  const secret = sampleSecret();
  const id = await calls.protect(secret, { reads: "unlimited" });
  const open = (address: string, claim = randomText(32)) =>
    fetch(`${url}/api/v1/secrets/${id}/open`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": address },
      body: JSON.stringify({ linkProof: secret.linkProof, claim }),
    });
  const claim = randomText(32);
  expect((await open("192.0.2.1", claim)).status).toBe(200);
  for (let opened = 1; opened < LEASES_OF_ONE; opened++) expect((await open("192.0.2.1")).status).toBe(200);
  const refused = await open("192.0.2.1");
  expect([refused.status, (await refused.json()) as unknown]).toMatchObject([429, { code: "rate_limited" }]);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect((await open("192.0.2.1", claim)).status).toBe(200);
  expect((await open("192.0.2.2")).status).toBe(200);
  expect((await calls.acknowledge(id, claim)).status).toBe(204);
  expect((await open("192.0.2.1")).status).toBe(200);
});
