import { METHODS as HTTP_METHODS, request } from "node:http";
import { methodsOf, operatorRoutes, type Route, routes } from "@mayfly/wire";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { PAGE_HTML, type RunningService, runService } from "../running-service.ts";
import { callsTo, sampleSecret } from "../sample-secret.ts";

let service: RunningService;
beforeAll(async () => {
  service = await runService();
});
afterAll(() => service.close());
// A look is believed for five seconds, which a busy machine may need for half of these tests.
beforeEach(() => service.guard.look());

/** fetch() refuses TRACE and normalises paths; this does neither. */
function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; allow: string | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ port: service.port, host: "127.0.0.1", method, path, headers }, (answer) => {
      let body = "";
      answer.on("data", (chunk) => (body += chunk));
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, allow: answer.headers.allow, body });
        sent.destroy();
      });
    });
    sent.on("error", reject);
    // Of a body that is announced nothing is sent.
    if (headers["content-length"] === undefined) sent.end();
    else sent.flushHeaders();
  });
}

// CONNECT names no path. What Node's parser does not know is no request at all.
const METHODS = HTTP_METHODS.filter((method) => method !== "CONNECT");

test("answers every other method on every known path with 405 and Allow, and changes nothing", async () => {
  const calls = callsTo(service.url);
  const secret = sampleSecret();
  const id = await calls.protect(secret);
  const before = await (await calls.status(id, secret.linkProof)).json();
  const page = ["/", "/s", "/m"].map((path) => ({ method: "GET", path }) as const);
  const all: Pick<Route, "method" | "path">[] = [
    ...Object.values<Route>(routes),
    ...Object.values(operatorRoutes),
    ...page,
  ];
  for (const path of new Set(all.map((route) => route.path))) {
    const allowed = all.filter((route) => route.path === path).flatMap(methodsOf);
    for (const method of METHODS.filter((each) => !allowed.some((taken) => taken === each))) {
      const answer = await send(method, path.replace("{id}", id).replace("{part}", "0"));
      expect([method, path, answer.status]).toEqual([method, path, 405]);
      expect(answer.allow).toBe(allowed.join(", "));
      expect(answer.body === "" || JSON.parse(answer.body).code === "method_not_allowed").toBe(true);
    }
  }
  expect(await (await calls.status(id, secret.linkProof)).json()).toEqual(before);
});

test("answers a wrong method without waiting for a body, of whatever type it is", async () => {
  for (const [method, path] of [
    ["QUERY", "/api/v1/secrets"],
    ["POST", "/livez"],
    ["PUT", "/"],
  ] as const) {
    const answer = await send(method, path, { "content-type": "text/plain", "content-length": "5" });
    expect([method, path, answer.status]).toEqual([method, path, 405]);
  }
});

test("answers the same page at every address of the page, and at those that do not exist", async () => {
  for (const path of ["/", "/s", "/m"])
    expect(await send("GET", path)).toMatchObject({ status: 200, body: PAGE_HTML });
  for (const path of [
    "/s%23EAAAAAAAAAAAAAAAAAAAAAA",
    "/%23EAAA",
    "/s/x",
    "/favicon.ico",
    "/index.html",
    "/%zz",
    "/s?x=1#y",
  ]) {
    const { status, body } = await send("GET", path);
    expect([path, body]).toEqual([path, PAGE_HTML]);
    expect(status).toBe(path === "/s?x=1#y" ? 200 : 404);
  }
});

test("answers an unknown address under /api/ with a problem that does not repeat it", async () => {
  const { status, body } = await send("GET", "/api/v1/canary-4711");
  expect(status).toBe(404);
  expect(JSON.parse(body)).toMatchObject({ code: "not_found" });
  expect(body).not.toContain("canary");
});

test("does not leave its folder of assets", async () => {
  for (const path of [
    "/assets/../index.html",
    "/assets/%2e%2e/index.html",
    "/assets/..%2findex.html",
    "/assets/",
  ])
    expect(await send("GET", path)).toMatchObject({ body: PAGE_HTML, status: 404 });
});

test("refuses other sites however the address is written", async () => {
  const calls = callsTo(service.url);
  const secret = sampleSecret();
  const id = await calls.protect(secret);
  for (const path of [`/%61pi/v1/secrets/${id}`, `http://localhost/api/v1/secrets/${id}`]) {
    const headers = { "sec-fetch-site": "cross-site", authorization: `Bearer ${secret.manageToken}` };
    expect(await send("DELETE", path, headers)).toMatchObject({ status: 403 });
  }
  expect(await (await calls.status(id, secret.linkProof)).json()).toMatchObject({ state: "live" });
});

test.each([
  ["another site's fetch", { "sec-fetch-site": "cross-site" }],
  ["a sibling site's fetch", { "sec-fetch-site": "same-site" }],
  ["a foreign origin", { origin: "https://evil.example" }],
  ["an opaque origin", { origin: "null" }],
])("refuses %s, and answers no preflight", async (_what, headers) => {
  const answer = await fetch(`${service.url}/api/v1/service`, { headers });
  expect([answer.status, (await answer.json()) as unknown]).toMatchObject([403, { code: "cross_site" }]);
  const preflight = await fetch(`${service.url}/api/v1/secrets`, { method: "OPTIONS", headers });
  expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
});
