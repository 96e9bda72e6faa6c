import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createConnection } from "node:net";
import { JSON_BODY_BYTES } from "@mayfly/wire";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { OUR_POLICY, PAGE_HTML, type RunningService, runService } from "../running-service.ts";

let service: RunningService;
/** The verbs that reached the store. */
const reached: PropertyKey[] = [];
const VERBS = ["reserve", "deposit", "open", "part", "acknowledge", "burn", "status"];

beforeAll(async () => {
  service = await runService({
    wrapStore: (store) =>
      new Proxy(store, {
        get(target, name) {
          if (VERBS.includes(String(name))) reached.push(name);
          const value: unknown = Reflect.get(target, name);
          return typeof value === "function" ? value.bind(target) : value;
        },
      }),
  });
});
afterAll(() => service.close());
// A look is believed for five seconds, which a busy machine may need for half of these tests.
beforeEach(() => service.guard.look());

/** Every byte that the service answers to these, until it closes. */
function raw(request: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ port: service.port, host: "127.0.0.1", allowHalfOpen: true }, () =>
      socket.write(request),
    );
    let answer = "";
    socket.on("data", (chunk) => (answer += chunk));
    socket.on("end", () => socket.end());
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

const BURN = "DELETE /api/v1/secrets/AAAAAAAAAAAAAAAAAAAAAA HTTP/1.1\r\n";
const TOKEN = `Authorization: Bearer ${"A".repeat(43)}\r\n`;
const POST = "POST /api/v1/secrets HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
const SMUGGLED = `0\r\n\r\n${BURN}${TOKEN}\r\n`;

test.each([
  ["a length and chunks", `${POST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${SMUGGLED}`],
  ["two lengths that differ", `${POST}Content-Length: 2\r\nContent-Length: 60\r\n\r\n{}${SMUGGLED}`],
  ["a length with a sign", `${POST}Content-Length: +2\r\n\r\n{}`],
  ["a length that is a list", `${POST}Content-Length: 2, 2\r\n\r\n{}`],
  ["a negative length", `${POST}Content-Length: -1\r\n\r\n{}`],
  ["chunks that are not the last encoding", `${POST}Transfer-Encoding: chunked, identity\r\n\r\n${SMUGGLED}`],
  ["an encoding that nobody knows", `${POST}Transfer-Encoding: xchunked\r\n\r\n${SMUGGLED}`],
  ["a chunk length that is no number", `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`],
  ["a chunk length beyond all numbers", `${POST}Transfer-Encoding: chunked\r\n\r\n${"f".repeat(17)}\r\n`],
  ["a folded header", `${BURN}Host: localhost\r\nAuthorization: Bearer\r\n ${"A".repeat(43)}\r\n\r\n`],
  ["a blank before the colon", `${BURN}Host: localhost\r\nAuthorization : Bearer ${"A".repeat(43)}\r\n\r\n`],
  ["a header without a name", `${BURN}Host: localhost\r\n: y\r\n\r\n`],
  ["a zero byte in a header", `${BURN}Host: localhost\r\n${TOKEN}X-A: a\0b\r\n\r\n`],
  ["a lone carriage return in a header", `${BURN}Host: localhost\r\n${TOKEN}X-A: a\rX-B: b\r\n\r\n`],
  ["lines that end without a carriage return", `${BURN.replace("\r", "")}Host: localhost\n${TOKEN}\n\n`],
  ["a zero byte in the address", `DELETE /api/v1/secrets/\0 HTTP/1.1\r\nHost: localhost\r\n${TOKEN}\r\n`],
  ["blanks in the address", `DELETE /api/v1/ secrets HTTP/1.1\r\nHost: localhost\r\n${TOKEN}\r\n`],
  ["a version that nobody speaks", `DELETE / HTTP/9.9\r\nHost: localhost\r\n${TOKEN}\r\n`],
  ["a bad request line", "HELLO\r\n\r\n"],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a greeting of TLS", Buffer.from("160301010001000100fc0303", "hex")],
])(
  "answers %s with one 400 and our headers, closes, and hears nothing that follows",
  async (_what, bytes) => {
    const answer = await raw(bytes);
    expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 400"]);
    expect(answer).toMatch(OUR_POLICY);
    expect(answer).toContain("connection: close");
    expect(answer).toContain('"code":"invalid_request"');
  },
);

const SERVICE = "GET /api/v1/service HTTP/1.1\r\nHost: localhost\r\n";
const CLOSE = "Connection: close\r\n";
const GARBAGE = "no HTTP\r\n\r\n";

test.each([
  [
    "a request without a body that names another encoding",
    `${SERVICE}Transfer-Encoding: identity\r\n\r\n`,
    400,
  ],
  [
    "one whose chunks hold another encoding",
    `${SERVICE}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    "a burn that names another encoding",
    `${BURN}Host: localhost\r\n${TOKEN}Transfer-Encoding: identity\r\n\r\n`,
    400,
  ],
  ["a last request, and what follows it", `${SERVICE}${CLOSE}\r\n${GARBAGE}`, 200],
  [
    "a request that waits for the store, and what follows it",
    `${BURN}Host: localhost\r\n${TOKEN}\r\n${GARBAGE}`,
    404,
  ],
  ["an expectation that is not met", `${SERVICE}Expect: miracles\r\n\r\n`, 400],
  ["a request without a host", `GET /livez HTTP/1.1\r\n${CLOSE}\r\n`, 400],
  [
    "a method of another protocol",
    `QUERY /s HTTP/1.1\r\nHost: localhost\r\n${CLOSE}Content-Length: 1\r\n\r\nx`,
    405,
  ],
  [
    "a method of another protocol without a body",
    `QUERY /api/v1/secrets HTTP/1.1\r\nHost: localhost\r\n${CLOSE}\r\n`,
    405,
  ],
  ["a request for a tunnel", "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n", 400],
  ["a tunnel to a path", `CONNECT /api/v1/service HTTP/1.1\r\nHost: localhost\r\n\r\n${GARBAGE}`, 400],
])("answers %s once, and closes", async (_what, request, status) => {
  const answer = await raw(request);
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`]);
  expect(answer).toMatch(/^connection: close\r$/im);
  expect(answer).toMatch(OUR_POLICY);
});

test("answers sixteen requests that come at once", async () => {
  const answer = await raw(`${`${SERVICE}\r\n`.repeat(15)}${SERVICE}${CLOSE}\r\n`);
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(Array(16).fill("HTTP/1.1 200"));
});

test("closes a connection that asks for much more at once, and does next to nothing of it", async () => {
  const many = 20_000;
  let [begun, answered] = [0, 0];
  const onBegin = () => {
    begun += 1;
  };
  subscribe("http.server.request.start", onBegin);
  const socket = createConnection(service.port, "127.0.0.1");
  // It is reset: most of what it sent was never read.
  socket.on("error", () => undefined);
  socket.on("data", (chunk) => (answered += String(chunk).split("HTTP/1.1 200").length - 1));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write(`${`${SERVICE}\r\n`.repeat(many)}${SERVICE}${CLOSE}\r\n`);
  await closed;
  unsubscribe("http.server.request.start", onBegin);
  expect(begun).toBeLessThan(many / 100);
  expect(answered).toBeLessThan(many / 100);
});

test("answers each of two requests, and then what cannot be read", async () => {
  const answer = await raw(`${SERVICE}\r\n${SERVICE}\r\n`.concat(GARBAGE));
  expect(answer.match(/HTTP\/1\.1 \d+/g)?.slice(0, 2)).toEqual(["HTTP/1.1 200", "HTTP/1.1 200"]);
});

test.each([
  ["a chunk that is none", `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
  ["an expectation that is not met", `${POST}Expect: miracles\r\nContent-Length: 2\r\n\r\n{}`],
  ["a request for a tunnel", "CONNECT x:443 HTTP/1.1\r\nHost: x:443\r\n\r\n"],
])("answers the requests that wait for the store before %s, which comes behind them", async (_what, last) => {
  const waiting = `${BURN}Host: localhost\r\n${TOKEN}\r\n`;
  const answer = await raw(waiting + waiting + last);
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 404", "HTTP/1.1 404", "HTTP/1.1 400"]);
});

test.each([
  ["one header of 64 KiB", `GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ${"x".repeat(65_536)}\r\n\r\n`],
  ["headers of 64 KiB in all", `GET / HTTP/1.1\r\n${`X-Many: ${"x".repeat(500)}\r\n`.repeat(128)}\r\n`],
  ["an address of 64 KiB", `GET /${"x".repeat(65_536)} HTTP/1.1\r\nHost: localhost\r\n\r\n`],
])("answers %s with 431 and our headers, and closes", async (_what, request) => {
  const answer = await raw(request);
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 431"]);
  expect(answer).toContain("connection: close");
  expect(answer).toMatch(OUR_POLICY);
  expect(answer).not.toContain("xxxx");
});

test("answers an address that decodes to nothing with the constant page, and closes", async () => {
  const request = "GET /%zz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  const answer = await raw(request + request);
  expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 404"]);
  expect(answer).toContain("connection: close");
  expect(answer.endsWith(PAGE_HTML)).toBe(true);
});

test("refuses a body by the length that it announces, before any of it comes, and closes", async () => {
  const answer = await raw(`${POST}Content-Length: 1000000000000\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain("connection: close");
});

test("refuses a body in chunks where it crosses the limit, before its end, and closes", async () => {
  const chunk = `${JSON_BODY_BYTES.toString(16)}\r\n${" ".repeat(JSON_BODY_BYTES)}\r\n`;
  const answer = await raw(`${POST}Transfer-Encoding: chunked\r\n\r\n${chunk}1\r\n \r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain("connection: close");
});

test.each([
  ["nested as deep as fits", "[".repeat(JSON_BODY_BYTES / 2) + "]".repeat(JSON_BODY_BYTES / 2), 400],
  ["objects as deep as fits", `${'{"a":'.repeat(600)}1${"}".repeat(600)}`, 400],
  ["nested 100,000 deep", "[".repeat(100_000), 413],
  ["one number of 4,000 digits", `{"lifetime":${"9".repeat(4_000)}}`, 400],
  ["all escapes", `{"lifetime":"${"\\u0061".repeat(650)}"}`, 400],
  ["all quotes", `{"lifetime":"${'\\"'.repeat(2_000)}"}`, 400],
  ["all keys", `{${Array.from({ length: 400 }, (_, n) => `"k${n}":0`).join()}}`, 400],
])("refuses JSON that is %s without holding up anybody", async (_what, body, status) => {
  const before = process.threadCpuUsage();
  const answer = await fetch(`${service.url}/api/v1/secrets`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  const text = await answer.text();
  const { user, system } = process.threadCpuUsage(before);
  expect(answer.status).toBe(status);
  expect(text).not.toMatch(/99999|aaaaa|k1|\[\[/);
  // Its own time on the processor, client and all: a busy machine adds nothing to it.
  expect((user + system) / 1_000).toBeLessThan(100);
});

test("logs nothing of a client that leaves in the middle of its body", async () => {
  const closed = service.nextClosed();
  const socket = createConnection(service.port, "127.0.0.1");
  socket.write(`${POST}Expect: 100-continue\r\nContent-Length: 100\r\n\r\n{`);
  // The service says that it has begun to take the body.
  socket.once("data", () => socket.resetAndDestroy());
  await closed;
});

test("handed nothing of all this to the store, and logged nothing", () => {
  // The one burn that could be read, and thrice two before what could not.
  expect(reached).toEqual(Array(7).fill("burn"));
  expect(service.logged).toEqual([]);
});
