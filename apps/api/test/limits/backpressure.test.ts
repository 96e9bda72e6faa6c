import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { overriding, type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, type SampleSecret, sampleSecret } from "../sample-secret.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

let service: RunningService;
const sockets: Socket[] = [];
let looking: NodeJS.Timeout;

/** With looks at the heartbeat, as the program has them. */
async function run(options: Parameters<typeof runService>[0]): Promise<RunningService> {
  const running = await runService(options);
  looking = setInterval(() => void running.guard.look(), 500);
  return running;
}

afterEach(async () => {
  clearInterval(looking);
  for (const socket of sockets.splice(0)) socket.destroy();
  await service.close();
});

/** Rate limits on, with parts of 8 MiB; each client is who its header says. */
const environment = {
  MAYFLY_RATE_LIMITS: "on",
  TRUSTED_PROXIES: "127.0.0.1",
  MAYFLY_PART_BYTES: String(8 * MIB),
};
const from = (address: string) => ({ "x-forwarded-for": address });

function connect(): Socket {
  const socket = createConnection(service.port, "127.0.0.1").on("error", () => undefined);
  sockets.push(socket);
  return socket;
}

interface Depositing {
  readonly id: string;
  readonly manageToken: string;
  readonly address: string;
}

/** The head of a deposit, and none of its body. */
function head({ id, manageToken, address }: Depositing, length = 8 * MIB): string {
  return (
    `PUT /api/v1/secrets/${id}/parts/0 HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: ${address}\r\n` +
    `Authorization: Bearer ${manageToken}\r\nContent-Type: application/octet-stream\r\n` +
    `Content-Length: ${length}\r\n\r\n`
  );
}

/** Asks again while a machine with much to do says so. */
async function insist(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const answer = await ask();
    if (answer.status !== 503) return answer;
    const { code } = (await answer.clone().json()) as { code: string };
    if (code !== "unavailable") return answer;
  }
}

/** Of the answer to these bytes, behind which nothing comes. */
async function statusOf(request: string | Buffer): Promise<string> {
  for (;;) {
    const socket = connect();
    socket.write(request);
    const [head] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    const answer = String(head);
    if (!answer.includes('"code":"unavailable"')) return answer.slice(9, 12);
  }
}

async function reserved(
  bytes: number,
  secret = sampleSecret(bytes),
  reads = 1,
): Promise<{ id: string; secret: SampleSecret }> {
  const asked = { lifetime: 300, reads, bytes, verifiers: secret.verifiers };
  const answer = await insist(() => callsTo(service.url).reserve(asked));
  return { id: ((await answer.json()) as { id: string }).id, secret };
}

function deposit(id: string, secret: SampleSecret, address: string): Promise<Response> {
  return insist(() =>
    fetch(`${service.url}/api/v1/secrets/${id}/parts/0`, {
      method: "PUT",
      headers: {
        "content-type": "application/octet-stream",
        authorization: `Bearer ${secret.manageToken}`,
        ...from(address),
      },
      body: new Uint8Array(secret.envelope),
    }),
  );
}

async function refusalOf(answer: Response): Promise<unknown> {
  const { code } = (await answer.json()) as { code: string };
  return [answer.status, code, Number(answer.headers.get("retry-after")) > 0];
}
const BUSY = [503, "busy", true];

/** 2 MiB less what makes a length that padding gives. */
const LARGE = 62 + 1_966_080 + 30 * 16;

test("holds a client to its share of bodies by what has arrived, and takes more when they are gone", async () => {
  service = await run({ environment, bytes: { ofOne: 4 * MIB, inAll: 192 * MIB } });
  const { id, secret } = await reserved(LARGE);
  const slow = "192.0.2.1";
  const held = Array.from({ length: 4 }, connect);
  // Four times 8 MiB are announced, and nothing has come: there is room.
  for (const socket of held) socket.write(head({ id, manageToken: secret.manageToken, address: slow }));
  expect((await deposit(id, secret, slow)).status).toBe(201);
  for (const socket of held) socket.write(Buffer.alloc(MIB - 64 * KIB));
  await expect.poll(async () => (await deposit(id, secret, slow)).status, { timeout: 10_000 }).toBe(503);
  expect(await refusalOf(await deposit(id, secret, slow))).toEqual(BUSY);
  expect((await deposit(id, secret, "192.0.2.2")).status).toBe(201);
  for (const socket of held) socket.destroy();
  await expect.poll(async () => (await deposit(id, secret, slow)).status, { timeout: 10_000 }).toBe(201);
});

test("holds the bytes of a step of the store until it is done, also when its client has left", async () => {
  const gate = Promise.withResolvers<void>();
  let waiting = 0;
  service = await run({
    environment,
    wrapStore: (store) =>
      overriding(store, {
        open: async (opening) => {
          waiting += 1;
          await gate.promise;
          return store.open(opening);
        },
      }),
  });
  const { id, secret } = await reserved(LARGE, sampleSecret(LARGE), 100);
  expect((await deposit(id, secret, "192.0.2.9")).status).toBe(201);
  const opening = () => JSON.stringify({ linkProof: secret.linkProof, claim: randomText(32) });
  const ask = (address: string) =>
    fetch(`${service.url}/api/v1/secrets/${id}/open`, {
      method: "POST",
      headers: { "content-type": "application/json", ...from(address) },
      body: opening(),
    });
  // Four parts of 8 MiB are all that one client may hold.
  for (let client = 0; client < 4; client++) {
    const body = opening();
    const socket = connect();
    socket.write(
      `POST /api/v1/secrets/${id}/open HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await expect.poll(() => waiting, { timeout: 10_000 }).toBe(client + 1);
    const closed = service.nextClosed();
    socket.resetAndDestroy();
    // A connection made and ended after it: the service has noticed both.
    connect().end();
    await closed;
  }
  expect(await refusalOf(await ask("192.0.2.1"))).toEqual(BUSY);
  gate.resolve();
  await expect.poll(async () => (await insist(() => ask("192.0.2.1"))).status, { timeout: 10_000 }).toBe(200);
});

test("gives bodies for unknown ids and with wrong tokens no room: they are refused before they arrive", async () => {
  service = await run({ environment });
  const { id, secret } = await reserved(LARGE);
  const answers = await Promise.all(
    [
      { id: randomText(16), manageToken: secret.manageToken },
      { id, manageToken: randomText(32) },
      { id: "no-id", manageToken: secret.manageToken },
      { id, manageToken: "no-token" },
    ].map((asked) => statusOf(`${head({ ...asked, address: "192.0.2.1" })}MFLY`)),
  );
  expect(answers).toEqual(["404", "404", "404", "401"]);
});

test("during 300 stalled deposits with random ids, ten of ten deposits of others succeed", async () => {
  service = await run({ environment });
  for (let number = 0; number < 300; number++)
    connect().write(
      `${head({ id: randomText(16), manageToken: randomText(32), address: `192.0.2.${number % 9}` })}MFLY`,
    );
  const statuses: number[] = [];
  for (let sent = 0; sent < 10; sent++) {
    const { id, secret } = await reserved(LARGE);
    statuses.push((await deposit(id, secret, `198.51.100.${sent}`)).status);
  }
  expect(statuses).toEqual(Array(10).fill(201));
});

test("asks the store for nothing more than the deposit where the body comes with its headers", async () => {
  const asked: string[] = [];
  service = await run({
    environment,
    wrapStore: (store) =>
      overriding(store, {
        status: (request) => {
          asked.push("status");
          return store.status(request);
        },
      }),
  });
  const { id, secret } = await reserved(sampleSecret().envelope.length);
  const whole = Buffer.concat([
    Buffer.from(head({ id, manageToken: secret.manageToken, address: "192.0.2.1" }, secret.envelope.length)),
    secret.envelope,
  ]);
  expect(await statusOf(whole)).toBe("201");
  expect(asked).toEqual([]);
});

test("refuses a body in chunks that goes on beyond a part", async () => {
  service = await run({ environment: { ...environment, MAYFLY_PART_BYTES: "65536" } });
  const { id, secret } = await reserved(sampleSecret().envelope.length);
  const start = head({ id, manageToken: secret.manageToken, address: "192.0.2.1" });
  const chunk = `2000\r\n${"x".repeat(8192)}\r\n`;
  expect(
    await statusOf(start.replace(/Content-Length: \d+/, "Transfer-Encoding: chunked") + chunk.repeat(9)),
  ).toBe("413");
});

/** Larger than what the system takes off the service's hands for a reader who does not read. */
const PART = 62 + 7_864_320 + 120 * 16;

test("counts a response that nobody reads until it is gone: beyond the client's share the read is not taken, and others go on", async () => {
  service = await run({ environment, bytes: { ofOne: 20 * MIB, inAll: 192 * MIB } });
  const calls = callsTo(service.url);
  const secret = sampleSecret(PART);
  const [id, other] = (await Promise.all(
    [2, 1].map(async (reads) => {
      const at = await reserved(PART, secret, reads);
      expect((await deposit(at.id, secret, "192.0.2.9")).status).toBe(201);
      return at.id;
    }),
  )) as [string, string];
  const claim = randomText(32);
  const ask = (address: string, body: object, of = id) =>
    insist(() =>
      fetch(`${service.url}/api/v1/secrets/${of}/open`, {
        method: "POST",
        headers: { "content-type": "application/json", ...from(address) },
        body: JSON.stringify(body),
      }),
    );
  const opening = { linkProof: secret.linkProof, claim };
  await (await ask("192.0.2.9", opening)).arrayBuffer();
  const text = JSON.stringify({ claim });
  const lazy = [connect(), connect()];
  for (const socket of lazy) {
    socket.write(
      `POST /api/v1/secrets/${id}/parts/0 HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.1\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
    );
    // Its response has begun; nothing more of it is read.
    await once(socket, "readable");
  }
  const fresh = { linkProof: secret.linkProof, claim: randomText(32) };
  expect(await refusalOf(await ask("192.0.2.1", fresh, other))).toEqual(BUSY);
  const status = await calls.manageStatus(other, secret.manageToken);
  expect(await status.json()).toMatchObject({ state: "live", readsLeft: 1 });
  // Small requests have room.
  const small = await fetch(`${service.url}/api/v1/service`, { headers: from("192.0.2.1") });
  expect(small.status).toBe(200);
  expect((await ask("192.0.2.2", fresh)).status).toBe(200);
  for (const socket of lazy) socket.destroy();
  await expect.poll(async () => (await ask("192.0.2.1", fresh, other)).status, { timeout: 10_000 }).toBe(200);
});

test("keeps a share of the process's bytes for what is small", async () => {
  service = await run({ environment, bytes: { ofOne: 8 * MIB, inAll: 8 * MIB } });
  const { id, secret } = await reserved(LARGE);
  let trying = true;
  // Again and again, until no deposit of the other is in the way.
  const stall = () => {
    const stranger = connect().resume();
    stranger.write(head({ id, manageToken: secret.manageToken, address: "192.0.2.1" }));
    stranger.write(Buffer.alloc(7 * MIB - 128 * KIB));
    stranger.on("data", () => stranger.destroy()).on("close", () => trying && stall());
  };
  stall();
  try {
    await expect
      .poll(async () => (await deposit(id, secret, "192.0.2.2")).status, { timeout: 10_000 })
      .toBe(503);
  } finally {
    trying = false;
  }
  const small = await reserved(sampleSecret().envelope.length);
  expect((await deposit(small.id, small.secret, "192.0.2.2")).status).toBe(201);
});
