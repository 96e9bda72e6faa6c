import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ENVELOPE_BYTES, MIN_ENVELOPE_BYTES, PROBLEM_MEDIA_TYPE } from "@mayfly/wire";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { overriding, type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

let service: RunningService;
/** The reservations that reached the store: only those of the two tests that reserve on purpose. */
const reservedBytes: number[] = [];
let calls: ReturnType<typeof callsTo>;

beforeAll(async () => {
  service = await runService({
    environment: { MAYFLY_LIFETIME_MAX_SECONDS: "86400", MAYFLY_ENVELOPE_MAX_BYTES: "131072" },
    wrapStore: (store) =>
      overriding(store, {
        reserve: (reservation) => {
          reservedBytes.push(reservation.bytes);
          return store.reserve(reservation);
        },
      }),
  });
  calls = callsTo(service.url);
});
afterAll(() => service.close());
// A look is believed for five seconds, which a busy machine may need for half of these tests.
beforeEach(() => service.guard.look());

const ID = "AAAAAAAAAAAAAAAAAAAAAA";
const pathOf: Record<string, string> = {
  ReserveBody: "/api/v1/secrets",
  OpenBody: `/api/v1/secrets/${ID}/open`,
  ClaimBody: `/api/v1/secrets/${ID}/acknowledge`,
  StatusBody: `/api/v1/secrets/${ID}/status`,
};

/** As text, because parsing would lose a key named __proto__. */
const vectors = readFileSync(fileURLToPath(import.meta.resolve("@mayfly/wire/vectors/bodies.json")), "utf8");
const rejected = Object.keys(pathOf).flatMap(
  (schema) =>
    (JSON.parse(vectors) as Record<string, { reject: { name: string; body: unknown; fields: string[] }[] }>)[
      schema
    ]?.reject.map(({ name, body, fields }) => ({ schema, name, body, fields })) ?? [],
);

test.each(rejected)(
  "refuses $schema: $name, naming the field and repeating nothing",
  async ({ schema, body, fields }) => {
    const answer = await calls.json(pathOf[schema] ?? "", body);
    const problem = (await answer.json()) as { code: string; errors: { field: string }[] };
    expect([answer.status, problem.code]).toEqual([400, "invalid_request"]);
    expect(problem.errors.map(({ field }) => field)).toEqual(fields);
  },
);

const reservation = () => ({
  lifetime: 3600,
  reads: 1,
  bytes: MIN_ENVELOPE_BYTES,
  verifiers: sampleSecret().verifiers,
});

test.each([
  ["a lifetime above this service's", { lifetime: 86_401 }, 400, "lifetime"],
  ["a length that no padding gives", { bytes: MIN_ENVELOPE_BYTES + 1 }, 400, "bytes"],
  ["a length below the smallest envelope", { bytes: MIN_ENVELOPE_BYTES - 1 }, 400, "bytes"],
  ["a length above the protocol's ceiling", { bytes: ENVELOPE_BYTES.max + 1 }, 400, "bytes"],
])("refuses a reservation with %s, naming the field", async (_what, wrong, status, field) => {
  const answer = await calls.reserve({ ...reservation(), ...wrong });
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe(PROBLEM_MEDIA_TYPE);
  expect(await answer.json()).toMatchObject({
    code: "invalid_request",
    errors: [{ field, allowed: expect.any(String) }],
  });
});

test("refuses an envelope larger than this service takes with 413", async () => {
  const answer = await calls.reserve({ ...reservation(), bytes: 62 + 139_264 + 3 * 16 });
  expect([answer.status, (await answer.json()) as unknown]).toMatchObject([413, { code: "too_large" }]);
});

test.each([
  ["nothing", ""],
  ["no JSON", "{"],
  ["an object that names a key twice", '{"claim":"a","claim":"b"}'],
  ["an object that names a key twice in two ways", '{"claim":"a","cl\\u0061im":"b"}'],
  ["an object with a nested key twice", '{"verifiers":{"link":"a","link":"b"}}'],
  ["a byte order mark", "\uFEFF{}"],
  ["a prototype key", '{"__proto__":{"polluted":true}}'],
  ["a constructor key", '{"constructor":{"prototype":{"polluted":true}}}'],
  ["not a number", '{"lifetime":NaN}'],
  ["followed by more", "{}{}"],
  ["an object with a trailing comma", '{"lifetime":300,}'],
  ["an array", "[{}]"],
  ["null", "null"],
  ["a text", '"{}"'],
])("refuses a body that is %s", async (_what, body) => {
  const answer = await fetch(`${service.url}/api/v1/secrets`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  expect([answer.status, (await answer.json()) as unknown]).toMatchObject([
    400,
    { errors: expect.arrayContaining([expect.objectContaining({ field: "body" })]) },
  ]);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test("refuses a body that is not UTF-8", async () => {
  const body = Buffer.concat([Buffer.from('{"lifetime":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
  const answer = await fetch(`${service.url}/api/v1/secrets`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  expect(answer.status).toBe(400);
});

test.each([
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/octet-stream",
])("refuses JSON that is sent as %s with 415", async (type) => {
  const answer = await fetch(`${service.url}/api/v1/secrets`, {
    method: "POST",
    headers: { "content-type": type },
    body: JSON.stringify(reservation()),
  });
  expect([answer.status, (await answer.json()) as unknown]).toMatchObject([
    415,
    { code: "unsupported_media_type" },
  ]);
});

test("refuses a compressed body with 415", async () => {
  const answer = await fetch(`${service.url}/api/v1/secrets`, {
    method: "POST",
    headers: { "content-type": "application/json", "content-encoding": "gzip" },
    body: JSON.stringify(reservation()),
  });
  expect(answer.status).toBe(415);
});

test("refuses a JSON body above 4 KiB with 413", async () => {
  const answer = await calls.reserve({ ...reservation(), more: "x".repeat(5000) });
  expect(answer.status).toBe(413);
});

test("refuses a part above the part size with 413, and one of another length with 400", async () => {
  const secret = sampleSecret();
  const { id } = (await (await calls.reserve({ ...reservation(), verifiers: secret.verifiers })).json()) as {
    id: string;
  };
  const tooLarge = await calls.deposit(
    id,
    0,
    secret.manageToken,
    Buffer.concat([secret.envelope, Buffer.alloc(65_536)]),
  );
  expect(tooLarge.status).toBe(413);
  const longer = await calls.deposit(
    id,
    0,
    secret.manageToken,
    Buffer.concat([secret.envelope, Buffer.alloc(1)]),
  );
  expect([longer.status, (await longer.json()) as unknown]).toMatchObject([
    400,
    { errors: [{ field: "body" }] },
  ]);
  const beyond = await calls.deposit(id, 1, secret.manageToken, secret.envelope);
  expect([beyond.status, (await beyond.json()) as unknown]).toMatchObject([
    400,
    { errors: [{ field: "part" }] },
  ]);
  expect((await calls.deposit(id, 0, secret.manageToken, secret.envelope)).status).toBe(201);
});

test("refuses a first part that is no envelope", async () => {
  const secret = sampleSecret();
  const { id } = (await (await calls.reserve({ ...reservation(), verifiers: secret.verifiers })).json()) as {
    id: string;
  };
  const answer = await calls.deposit(id, 0, secret.manageToken, Buffer.alloc(MIN_ENVELOPE_BYTES));
  expect([answer.status, (await answer.json()) as unknown]).toMatchObject([
    400,
    { errors: [{ field: "body" }] },
  ]);
});

test.each([
  ["no Authorization", {}],
  ["another scheme", { authorization: `Basic ${randomText(32)}` }],
  ["a token too short", { authorization: `Bearer ${randomText(31)}` }],
  ["a token with loose bits", { authorization: `Bearer ${"A".repeat(42)}B` }],
])(
  "answers deposit, status and burn with %s with 401, and names the scheme that is wanted",
  async (_what, headers) => {
    const secret = `${service.url}/api/v1/secrets/${ID}`;
    for (const answer of [
      await fetch(secret, { method: "DELETE", headers }),
      await fetch(`${secret}/status`, { method: "POST", headers }),
      await fetch(`${secret}/parts/0`, {
        method: "PUT",
        headers: { "content-type": "application/octet-stream", ...headers },
        body: new Uint8Array(sampleSecret().envelope),
      }),
    ]) {
      expect(answer.headers.get("www-authenticate")).toBe("Bearer");
      expect([answer.status, (await answer.json()) as unknown]).toMatchObject([
        401,
        { code: "unauthorized" },
      ]);
    }
  },
);

test("answers a well-formed token that is not the secret's like an unknown secret", async () => {
  const authorization = `Bearer ${randomText(32)}`;
  const answer = await fetch(`${service.url}/api/v1/secrets/${ID}`, {
    method: "DELETE",
    headers: { authorization },
  });
  expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([404, null]);
});

test("refuses a status request that shows both the link and the manage token", async () => {
  const answer = await fetch(`${service.url}${pathOf.StatusBody}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${randomText(32)}` },
    body: JSON.stringify({ linkProof: randomText(32) }),
  });
  expect(answer.status).toBe(400);
});

test("takes an empty body with a JSON type for none, as generated clients send it", async () => {
  const empty = (headers: Record<string, string>) =>
    fetch(`${service.url}${pathOf.StatusBody}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
    });
  expect((await empty({ authorization: `Bearer ${randomText(32)}` })).status).toBe(404);
  expect((await empty({})).status).toBe(401);
  const reserve = await fetch(`${service.url}/api/v1/secrets`, {
    method: "POST",
    headers: { "content-type": "application/json" },
  });
  expect([reserve.status, await reserve.json()]).toMatchObject([400, { errors: [{ field: "body" }] }]);
});

test("takes a value that looks like a key", async () => {
  const answer = await calls.reserve({ ...reservation(), reads: '"lifetime": 1, "reads": ' });
  const { errors } = (await answer.json()) as { errors: { field: string }[] };
  expect(errors.map(({ field }) => field)).toEqual(["reads"]);
});

test("hands the store nothing of what it refuses", () => {
  expect(reservedBytes).toEqual([MIN_ENVELOPE_BYTES, MIN_ENVELOPE_BYTES]);
});
