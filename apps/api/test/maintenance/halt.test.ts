import type { Service } from "@mayfly/wire";
import { afterEach, expect, test } from "vitest";
import { type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

const HALT_SECONDS = 75 * 60;
let service: RunningService;
afterEach(() => service.close());

const code = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];

test("after the age is reached, reserve, deposit, open, part and status answer 503; burn and acknowledge still destroy", async () => {
  service = await runService();
  const calls = callsTo(service.url);
  const [one, two, three] = [sampleSecret(), sampleSecret(), sampleSecret()];
  const verifiers = three.verifiers;
  const reservation = { lifetime: 86_400, reads: 1, bytes: three.envelope.length, verifiers };
  const unread = await calls.protect(one, { lifetime: 86_400 });
  const halfway = await calls.protect(two, { lifetime: 86_400 });
  const { id: reserved } = (await (await calls.reserve(reservation)).json()) as { id: string };

  service.clock.advance((HALT_SECONDS - 30) * 1000);
  await service.guard.look();
  const claim = randomText(32);
  expect((await calls.open(halfway, { linkProof: two.linkProof, claim })).status).toBe(200);

  service.clock.advance(30_001);
  const refused = [
    await calls.reserve(reservation),
    await calls.deposit(reserved, 0, three.manageToken, three.envelope),
    await calls.open(unread, { linkProof: one.linkProof, claim: randomText(32) }),
    await calls.part(halfway, 0, claim),
    await calls.status(unread, one.linkProof),
    await calls.manageStatus(unread, one.manageToken),
  ];
  for (const answer of refused) {
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await code(answer)).toEqual([503, "halted"]);
  }
  expect((await calls.acknowledge(halfway, claim)).status).toBe(204);
  expect((await fetch(`${service.url}/`)).status).toBe(200);
  expect((await fetch(`${service.url}/livez`)).status).toBe(200);
  expect(await code(await fetch(`${service.url}/readyz`))).toEqual([503, "halted"]);
  expect(await (await fetch(`${service.url}/api/v1/service`)).json()).toMatchObject({ state: "halted" });

  await service.sweep();
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  const opened = await calls.open(unread, { linkProof: one.linkProof, claim: randomText(32) });
  expect(opened.status).toBe(200);
  expect(await code(await calls.burn(unread, one.manageToken))).toEqual([410, "gone"]);
});

test("a secret can be burned while the service is halted", async () => {
  service = await runService();
  const calls = callsTo(service.url);
  const secret = sampleSecret();
  const id = await calls.protect(secret, { lifetime: 86_400 });
  service.clock.advance(HALT_SECONDS * 1000 + 1);
  expect((await calls.burn(id, secret.manageToken)).status).toBe(204);
  await service.sweep();
  expect(await (await calls.manageStatus(id, secret.manageToken)).json()).toMatchObject({ state: "burned" });
});

test("a cold start without any sweep is halted and says why", async () => {
  service = await runService({ swept: false });
  await service.guard.look();
  expect(await code(await callsTo(service.url).reserve({}))).toEqual([503, "halted"]);
  expect(await (await fetch(`${service.url}/api/v1/service`)).json()).toMatchObject({
    state: "halted",
    maintenance: { lastSweepAt: null, nextSweepBy: null, erasedWithinSeconds: null },
  });
});

test("tells its limits and when the next sweep is due", async () => {
  service = await runService();
  const answer = (await (await fetch(`${service.url}/api/v1/service`)).json()) as Service;
  expect(answer).toMatchObject({
    state: "accepting",
    version: "0.0.0-test",
    limits: {
      lifetimeSeconds: { min: 300, default: 86_400, max: 2_592_000 },
      readsMax: 100,
      envelopeBytes: 67_108_864,
      partBytes: 65_536,
      leaseSeconds: 60,
      passphraseAttempts: 10,
    },
  });
  const { lastSweepAt, nextSweepBy, erasedWithinSeconds } = answer.maintenance;
  expect(erasedWithinSeconds).toBe(10);
  expect(Date.parse(nextSweepBy ?? "") - Date.parse(lastSweepAt ?? "")).toBe(HALT_SECONDS * 1000);
});
