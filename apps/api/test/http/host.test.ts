import { createConnection } from "node:net";
import { afterEach, expect, test } from "vitest";
import { PAGE_HTML, type RunningService, runService } from "../running-service.ts";

let service: RunningService;
afterEach(() => service.close());

const PATHS = [
  "/",
  "/s",
  "/unknown",
  "/%zz",
  "/assets/page-0a1b2c3d.js",
  "/api/v1/service",
  "/api/v1/unknown",
];
const OPERATORS = ["/livez", "/readyz", "/metrics"];

/** The status and the body of what is answered to a request with this `Host`; null: with none. */
async function ask(path: string, host: string | null, version = "1.1"): Promise<[number, string]> {
  const line = host === null ? "" : `Host: ${host}\r\n`;
  const answer = await new Promise<string>((resolve, reject) => {
    let text = "";
    const socket = createConnection(service.port, "127.0.0.1", () =>
      socket.write(`GET ${path} HTTP/${version}\r\n${line}Connection: close\r\n\r\n`),
    );
    socket.on("data", (chunk) => (text += chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(text));
  });
  const [head = "", body = ""] = answer.split("\r\n\r\n");
  return [Number(head.slice(9, 12)), body];
}

const statuses = async (paths: readonly string[], host: string | null, version?: string) =>
  new Set(await Promise.all(paths.map(async (path) => (await ask(path, host, version))[0])));

test.each([
  "localhost",
  "LOCALHOST:8080",
  "app.localhost:1",
  "127.0.0.1",
  "127.255.0.9:65535",
  "[::1]",
  "[::1]:8080",
])("without a public address, serves under the loopback name %s", async (host) => {
  service = await runService();
  expect((await ask("/", host))[1]).toBe(PAGE_HTML);
  expect([...(await statuses(["/api/v1/service", ...OPERATORS], host))]).toEqual([200]);
});

test.each([
  "rebound.example",
  "rebound.example:8080",
  "localhost.rebound.example",
  "127.0.0.1.rebound.example",
  "notlocalhost",
  "localhost.",
  "10.0.0.1",
  "0.0.0.0",
  "128.0.0.1",
  "[::2]",
  "[::1]x",
  "@localhost",
  "localhost, rebound.example",
  "",
])("without a public address, answers everything with the same 421 under the name '%s'", async (host) => {
  service = await runService();
  const bodies = await Promise.all([...PATHS, ...OPERATORS].map((path) => ask(path, host)));
  const isProbe = (index: number) => host === "" && index >= PATHS.length;
  const refused = bodies.filter((_, index) => !isProbe(index));
  expect(new Set(refused.map(([status]) => status))).toEqual(new Set([421]));
  expect(new Set(refused.map(([, body]) => body)).size).toBe(1);
  expect(JSON.parse(refused[0]?.[1] ?? "")).toMatchObject({ code: "misdirected", status: 421 });
});

const environment = { PUBLIC_URL: "https://Secrets.example.org" };

test.each([
  ["the same twice", "localhost\r\nHost: localhost"],
  ["ours first", "localhost\r\nHost: rebound.example"],
  ["ours last, in other cases", "rebound.example\r\nX-Any: 1\r\nhost: localhost"],
  ["one of them empty", "\r\nHost: localhost"],
])("answers 400 to two lines of Host, %s", async (_, host) => {
  service = await runService();
  for (const version of ["1.0", "1.1"]) {
    for (const path of [...PATHS, ...OPERATORS]) {
      const [status, body] = await ask(path, host, version);
      expect([path, status, JSON.parse(body).code]).toEqual([path, 400, "invalid_request"]);
    }
  }
});

test("with a public address, serves under its host on any port, under loopback names, and under no other", async () => {
  service = await runService({ environment });
  for (const host of ["secrets.example.org", "SECRETS.example.org:8443", "localhost:1", "127.0.0.1"])
    expect([...(await statuses(["/", "/api/v1/service", ...OPERATORS], host))]).toEqual([200]);
  for (const host of ["example.org", "x.secrets.example.org", "secrets.example.org.rebound.example"])
    expect([...(await statuses([...PATHS, ...OPERATORS], host))]).toEqual([421]);
});

test("with a public address, answers probes that know an address or a short name, and nothing else there", async () => {
  service = await runService({ environment });
  for (const host of ["10.1.2.3:8080", "[fd00::7]:8080", "mayfly:8080"]) {
    expect([...(await statuses(OPERATORS, host))]).toEqual([200]);
    expect([...(await statuses(PATHS, host))]).toEqual([421]);
  }
});

test("answers HTTP/1.0 without a host on the operator's routes alone", async () => {
  service = await runService();
  expect([...(await statuses(OPERATORS, null, "1.0"))]).toEqual([200]);
  expect([...(await statuses(PATHS, null, "1.0"))]).toEqual([421]);
});

test("refuses HTTP/1.1 without a host as no request", async () => {
  service = await runService();
  expect([...(await statuses([...PATHS, ...OPERATORS], null))]).toEqual([400]);
});

test("goes by the host in the address, where there is one", async () => {
  service = await runService();
  expect(await ask("http://rebound.example/api/v1/service", "localhost")).toMatchObject([421, {}]);
  expect((await ask("http://localhost:8080/api/v1/service", "rebound.example"))[0]).toBe(200);
});
