import { MIN_ENVELOPE_BYTES, type Reserved } from "@mayfly/wire";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

let service: RunningService;
let calls: ReturnType<typeof callsTo>;

beforeAll(async () => {
  service = await runService();
  calls = callsTo(service.url);
});
afterAll(() => service.close());
// A look is believed for five seconds, which a busy machine may need for half of these tests.
beforeEach(() => service.guard.look());

const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());
const UNKNOWN_ID = "AAAAAAAAAAAAAAAAAAAAAA";
/** 64 KiB of payload and more: an envelope in two parts at 64 KiB a part. */
const TWO_PARTS = 62 + 67_584 + 2 * 16;

test("reserves, takes the deposit, opens once and destroys on acknowledgement", async () => {
  const secret = sampleSecret();
  const reserved = await calls.reserve({
    lifetime: 300,
    reads: 1,
    bytes: secret.envelope.length,
    verifiers: secret.verifiers,
  });
  expect(reserved.status).toBe(201);
  const { id, parts, partBytes, depositBy } = (await reserved.json()) as Reserved;
  expect({ parts, partBytes }).toEqual({ parts: 1, partBytes: 65_536 });
  expect(Date.parse(depositBy) - service.clock.now()).toBeGreaterThanOrEqual(600_000);

  const deposited = await calls.deposit(id, 0, secret.manageToken, secret.envelope);
  expect(deposited.status).toBe(201);
  const live = (await deposited.json()) as { state: string; expiresAt: string };
  expect(live.state).toBe("live");
  expect(Date.parse(live.expiresAt) - service.clock.now()).toBe(300_000);

  const claim = randomText(32);
  const opened = await calls.open(id, { linkProof: secret.linkProof, claim });
  expect(opened.status).toBe(200);
  expect(opened.headers.get("content-type")).toBe("application/octet-stream");
  expect(opened.headers.get("mayfly-parts")).toBe("1");
  expect(opened.headers.get("mayfly-bytes")).toBe(String(secret.envelope.length));
  expect(opened.headers.get("mayfly-reads-left")).toBe("0");
  expect(Date.parse(opened.headers.get("mayfly-lease-ends") ?? "")).toBe(service.clock.now() + 60_000);
  expect(await bytesOf(opened)).toEqual(secret.envelope);

  const again = await calls.open(id, { linkProof: secret.linkProof, claim });
  expect(await bytesOf(again)).toEqual(secret.envelope);

  const other = await calls.open(id, { linkProof: secret.linkProof, claim: randomText(32) });
  expect(other.status).toBe(410);

  expect((await calls.acknowledge(id, claim)).status).toBe(204);
  expect((await calls.acknowledge(id, claim)).status).toBe(204);
  const after = await calls.open(id, { linkProof: secret.linkProof, claim });
  expect(after.status).toBe(410);
  expect(await after.json()).toMatchObject({ code: "gone", state: "opened", endedAt: expect.any(String) });
});

test("takes and gives an envelope in parts, in any order", async () => {
  const secret = sampleSecret(TWO_PARTS);
  const reserved = await calls.reserve({
    lifetime: 300,
    reads: 1,
    bytes: TWO_PARTS,
    verifiers: secret.verifiers,
  });
  const { id } = (await reserved.json()) as { id: string };
  const second = await calls.deposit(id, 1, secret.manageToken, secret.envelope.subarray(65_536));
  expect([second.status, await second.json()]).toEqual([200, { state: "reserved", missing: [[0, 0]] }]);
  const first = await calls.deposit(id, 0, secret.manageToken, secret.envelope.subarray(0, 65_536));
  expect(first.status).toBe(201);

  const claim = randomText(16);
  expect((await calls.part(id, 1, claim)).status).toBe(404);
  const opened = await calls.open(id, { linkProof: secret.linkProof, claim });
  expect(opened.headers.get("mayfly-parts")).toBe("2");
  expect(opened.headers.get("mayfly-bytes")).toBe(String(TWO_PARTS));
  expect(opened.headers.get("content-length")).toBe("65536");
  const rest = await calls.part(id, 1, claim);
  expect(rest.headers.get("content-length")).toBe(String(TWO_PARTS - 65_536));
  expect(Buffer.concat([await bytesOf(opened), await bytesOf(rest)])).toEqual(secret.envelope);
});

test("answers an unknown id, a wrong link proof and a reservation with the same bytes and headers", async () => {
  const secret = sampleSecret();
  const id = await calls.protect(secret);
  const reserved = await calls.reserve({
    lifetime: 300,
    reads: 1,
    bytes: MIN_ENVELOPE_BYTES,
    verifiers: secret.verifiers,
  });
  const { id: reservedId } = (await reserved.json()) as { id: string };
  const body = (linkProof: string) => ({ linkProof, claim: randomText(32) });
  const answers = [
    await calls.open(UNKNOWN_ID, body(secret.linkProof)),
    await calls.open(id, body(randomText(32))),
    await calls.open(reservedId, body(secret.linkProof)),
    await calls.status(UNKNOWN_ID, secret.linkProof),
    await calls.status(id, randomText(32)),
    await calls.status(reservedId, secret.linkProof),
    await calls.acknowledge(id, randomText(32)),
    await calls.manageStatus(id, randomText(32)),
    await calls.burn(id, randomText(32)),
    await calls.deposit(id, 0, randomText(32), secret.envelope),
    await calls.open("not-an-id", body(secret.linkProof)),
  ];
  const seen = new Set<string>();
  for (const answer of answers) {
    const headers = [...answer.headers].filter(([name]) => name !== "date");
    seen.add(JSON.stringify([answer.status, headers, await answer.text()]));
  }
  expect(seen.size).toBe(1);
  expect((await calls.open(id, body(secret.linkProof))).status).toBe(200);
});

test("counts wrong passphrases down and destroys at the tenth", async () => {
  const secret = sampleSecret();
  const id = await calls.protect(secret, { passphrase: true });
  const claim = randomText(32);
  const absent = await calls.open(id, { linkProof: secret.linkProof, claim });
  expect([absent.status, (await absent.json()) as unknown]).toMatchObject([
    403,
    { code: "passphrase_required" },
  ]);
  for (let left = 9; left >= 1; left--) {
    const wrong = await calls.open(id, {
      linkProof: secret.linkProof,
      passphraseProof: randomText(32),
      claim,
    });
    expect([wrong.status, (await wrong.json()) as unknown]).toMatchObject([
      403,
      { code: "wrong_passphrase", attemptsLeft: left },
    ]);
  }
  const tenth = await calls.open(id, { linkProof: secret.linkProof, passphraseProof: randomText(32), claim });
  expect([tenth.status, (await tenth.json()) as unknown]).toMatchObject([
    410,
    { code: "gone", state: "locked" },
  ]);
  const right = await calls.open(id, {
    linkProof: secret.linkProof,
    passphraseProof: secret.passphraseProof,
    claim,
  });
  expect(right.status).toBe(410);
});

test("opens at the tenth attempt when it is right", async () => {
  const secret = sampleSecret();
  const id = await calls.protect(secret, { passphrase: true });
  const claim = randomText(32);
  for (let attempt = 1; attempt <= 9; attempt++)
    await calls.open(id, { linkProof: secret.linkProof, passphraseProof: randomText(32), claim });
  const right = await calls.open(id, {
    linkProof: secret.linkProof,
    passphraseProof: secret.passphraseProof,
    claim,
  });
  expect(await bytesOf(right)).toEqual(secret.envelope);
});

test("tells the state to a holder of the link or of the manage token, and changes nothing", async () => {
  const secret = sampleSecret();
  const id = await calls.protect(secret, { reads: 2 });
  const live = { state: "live", readsLeft: 2, passphrase: false, attemptsLeft: null };
  expect(await (await calls.status(id, secret.linkProof)).json()).toMatchObject(live);
  const claim = randomText(32);
  await calls.open(id, { linkProof: secret.linkProof, claim });
  expect(await (await calls.manageStatus(id, secret.manageToken)).json()).toMatchObject({
    ...live,
    readsLeft: 1,
    openedAt: expect.any(String),
  });
});

test("burns for the manage token only, once and again", async () => {
  const secret = sampleSecret();
  const id = await calls.protect(secret);
  expect((await calls.burn(id, secret.manageToken)).status).toBe(204);
  expect((await calls.burn(id, secret.manageToken)).status).toBe(204);
  const gone = await calls.open(id, { linkProof: secret.linkProof, claim: randomText(32) });
  expect([gone.status, (await gone.json()) as unknown]).toMatchObject([410, { state: "burned" }]);
});

test("accepts the same part again without lengthening its life, and refuses other bytes", async () => {
  const secret = sampleSecret();
  const reserved = await calls.reserve({
    lifetime: 300,
    reads: 1,
    bytes: MIN_ENVELOPE_BYTES,
    verifiers: secret.verifiers,
  });
  const { id } = (await reserved.json()) as { id: string };
  const first = (await (await calls.deposit(id, 0, secret.manageToken, secret.envelope)).json()) as unknown;
  service.clock.advance(5000);
  await service.guard.look();
  const again = await calls.deposit(id, 0, secret.manageToken, secret.envelope);
  expect([again.status, (await again.json()) as unknown]).toEqual([201, first]);
  const other = await calls.deposit(id, 0, secret.manageToken, sampleSecret().envelope);
  expect(other.status).toBe(409);
});

test("gives an unlimited secret to every claim", async () => {
  const secret = sampleSecret();
  const id = await calls.protect(secret, { reads: "unlimited" });
  for (let reader = 0; reader < 3; reader++) {
    const claim = randomText(32);
    const opened = await calls.open(id, { linkProof: secret.linkProof, claim });
    expect(opened.headers.get("mayfly-reads-left")).toBe("unlimited");
    expect((await calls.acknowledge(id, claim)).status).toBe(204);
  }
});

test("logs nothing of any of it", () => {
  expect(service.logged).toEqual([]);
});
