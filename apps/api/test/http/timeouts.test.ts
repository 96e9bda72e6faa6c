import { Agent, get } from "node:http";
import { createConnection, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { OUR_POLICY, type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

let service: RunningService;
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  return service.close();
});

/** An ordinary service's times, but for those under test: longer than a test may take. */
const timeouts = { headersMs: 60_000, requestMs: 60_000, answerMs: 60_000, idleMs: 60_000, lookEveryMs: 50 };
const DRIP_MS = 20;

interface Ending {
  readonly answer: string;
  /** The system's code of the error that ended it; undefined when it ended in good order. */
  readonly code: string | undefined;
}

/** Sends `head`, then one byte after another for as long as the service takes them; never closes by itself. */
function drip(head: string, byte = "x"): Promise<Ending> {
  return new Promise((resolve) => {
    let answer = "";
    let code: string | undefined;
    const socket = createConnection({ port: service.port, host: "127.0.0.1", allowHalfOpen: true });
    sockets.push(socket);
    socket.write(head);
    const timer = setInterval(() => socket.write(byte), DRIP_MS);
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("error", (error: NodeJS.ErrnoException) => (code = error.code));
    socket.on("close", () => {
      clearInterval(timer);
      resolve({ answer, code });
    });
  });
}

test("answers headers that do not end with 408 and our headers, and closes although the client goes on", async () => {
  service = await runService({ timeouts: { ...timeouts, headersMs: 200 } });
  const endings = await Promise.all([
    drip("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "),
    drip("", "\r\n"),
  ]);
  for (const { answer } of endings) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toMatch(OUR_POLICY);
    expect(answer).toContain('"code":"timeout"');
  }
});

test("answers a body that does not end with 408, hands nothing of it to the store, and closes although the client goes on", async () => {
  service = await runService({ timeouts: { ...timeouts, headersMs: 300, requestMs: 300 } });
  const calls = callsTo(service.url);
  const secret = sampleSecret();
  const { id } = (await (
    await calls.reserve({
      lifetime: 300,
      reads: 1,
      bytes: secret.envelope.length,
      verifiers: secret.verifiers,
    })
  ).json()) as { id: string };
  const { answer } = await drip(
    `PUT /api/v1/secrets/${id}/parts/0 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/octet-stream\r\n` +
      `Authorization: Bearer ${secret.manageToken}\r\nContent-Length: ${secret.envelope.length}\r\n\r\nMFLY\x01`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  expect((await calls.deposit(id, 0, secret.manageToken, secret.envelope)).status).toBe(201);
});

function restOf(socket: Socket): Promise<{ error: string | undefined; received: number }> {
  return new Promise((resolve) => {
    let [received, error] = [0, undefined as string | undefined];
    socket.on("error", ({ code }: NodeJS.ErrnoException) => (error = code));
    socket.on("close", () => resolve({ error, received }));
    socket.on("data", ({ length }) => (received += length));
  });
}

/** Larger than what the system takes off the service's hands for a reader who does not read. */
const LARGE = 62 + 7_864_320 + 120 * 16;

test("resets the connection of a reader who does not read, and the claim stays its own", async () => {
  service = await runService({
    timeouts: { ...timeouts, answerMs: 300 },
    environment: { MAYFLY_PART_BYTES: String(8 * 1024 * 1024) },
  });
  const calls = callsTo(service.url);
  const secret = sampleSecret(LARGE);
  const id = await calls.protect(secret);
  const body = { linkProof: secret.linkProof, claim: randomText(32) };
  const closed = service.nextClosed();
  const socket = createConnection(service.port, "127.0.0.1");
  sockets.push(socket);
  const text = JSON.stringify(body);
  socket.write(
    `POST /api/v1/secrets/${id}/open HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${text.length}\r\n\r\n${text}`,
  );
  await closed;
  // What had reached this side is still to be read; then comes the end, and no good one.
  const { error, received } = await restOf(socket);
  expect(error).toBe("ECONNRESET");
  expect(received).toBeLessThan(LARGE);

  const other = await calls.open(id, { ...body, claim: randomText(32) });
  expect(other.status).toBe(410);
  const again = await calls.open(id, body);
  expect(Buffer.from(await again.arrayBuffer()).equals(secret.envelope)).toBe(true);
});

test("keeps the connection of a reader who reads, for longer than one answer may take", async () => {
  service = await runService({ timeouts: { ...timeouts, answerMs: 1_500 } });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ports = new Set<number | undefined>();
  const ask = () =>
    new Promise<void>((resolve, reject) => {
      get({ agent, host: "127.0.0.1", port: service.port, path: "/livez" }, (answer) => {
        ports.add(answer.socket.localPort);
        answer.resume().on("end", resolve).on("error", reject);
      }).on("error", reject);
    });
  const end = performance.now() + 2_000;
  while (performance.now() < end) await ask();
  agent.destroy();
  expect(ports.size).toBe(1);
});

test("answers 2,000 headers with 431 and closes, and a hundred with the page", async () => {
  service = await runService();
  const request = (headers: number) =>
    `GET / HTTP/1.1\r\nHost: localhost\r\n${Array.from({ length: headers - 1 }, (_, number) => `a${number}:\r\n`).join("")}\r\n`;
  const { answer } = await drip(request(2_000));
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  expect(answer).toContain("connection: close");
  expect(answer).toMatch(OUR_POLICY);
  expect(answer).toContain('"code":"headers_too_large"');
  const few = await drip(request(99).replace(/\r\n\r\n$/, "\r\nConnection: close\r\n\r\n"));
  expect(few.answer).toMatch(/^HTTP\/1\.1 200 /);
});

test("resets the connection of a client who asks for much that is small, and reads nothing of it", async () => {
  service = await runService({ timeouts: { ...timeouts, answerMs: 300 } });
  const closed = service.nextClosed();
  const socket = createConnection(service.port, "127.0.0.1").pause();
  sockets.push(socket);
  socket.on("error", () => undefined);
  // Two KB each: in the end the system takes no more of them.
  socket.write("GET /api/v1/service HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(10_000));
  await closed;
});
