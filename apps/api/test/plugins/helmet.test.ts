import { get, type IncomingHttpHeaders, request } from "node:http";
import { operatorRoutes, pages, type RouteName, routePath, routes } from "@mayfly/wire";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { securityHeaders } from "../../src/plugins/helmet.ts";
import { type RunningService, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

let service: RunningService;
beforeAll(async () => {
  service = await runService();
});
afterAll(() => service.close());
// A look is believed for five seconds, which a busy machine may need for half of these tests.
beforeEach(() => service.guard.look());

test("freezes the policy: whoever changes it changes this test", () => {
  expect(securityHeaders).toEqual({
    "content-security-policy":
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';worker-src 'self';" +
      "base-uri 'none';form-action 'none';frame-ancestors 'none';object-src 'none';" +
      "require-trusted-types-for 'script';trusted-types mayfly-worker",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "origin-agent-cluster": "?1",
    "permissions-policy": expect.stringContaining("camera=()"),
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000",
    "x-content-type-options": "nosniff",
    "x-dns-prefetch-control": "off",
    "x-download-options": "noopen",
    "x-frame-options": "DENY",
    "x-permitted-cross-domain-policies": "none",
    "x-robots-tag": "noindex, nofollow, noarchive",
    "x-xss-protection": "0",
  });
});

/** A revalidation as browsers send it; fetch() in Node always adds no-cache. */
function notModified(path: string, etag: string): Promise<Response> {
  return new Promise((resolve, reject) => {
    const headers = { "if-none-match": etag };
    get({ port: service.port, host: "127.0.0.1", path, headers }, (answer) => {
      answer.resume();
      const response = new Response(null, {
        status: answer.statusCode ?? 0,
        headers: answer.headers as Record<string, string>,
      });
      resolve(Object.defineProperty(response, "url", { value: path }));
    }).on("error", reject);
  });
}

/** One answer of each status, with its path: whether the page or the API gives it. */
async function answers(): Promise<Response[]> {
  const calls = callsTo(service.url);
  const secret = sampleSecret();
  const id = await calls.protect(secret, { passphrase: true });
  const page = await fetch(`${service.url}/`);
  const asset = await fetch(`${service.url}/assets/page-0a1b2c3d.js`);
  return [
    page,
    asset,
    await notModified("/assets/page-0a1b2c3d.js", asset.headers.get("etag") ?? ""),
    await calls.reserve({
      lifetime: 300,
      reads: 1,
      bytes: secret.envelope.length,
      verifiers: secret.verifiers,
    }),
    await calls.burn(id, secret.manageToken),
    await calls.reserve({}),
    await calls.json("/api/v1/secrets", {}, "PATCH"),
    await fetch(`${service.url}/api/v1/secrets`, {
      method: "POST",
      headers: { "sec-fetch-site": "cross-site" },
    }),
    await fetch(`${service.url}/no-such-page`),
    await fetch(`${service.url}/api/v1/no-such-route`),
    await calls.open(id, { linkProof: secret.linkProof, claim: randomText(16) }),
    await fetch(`${service.url}/api/v1/secrets`, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: "x",
    }),
    await calls.json("/api/v1/secrets", { more: "x".repeat(5000) }),
  ];
}

test("sends every answer, whatever its status, with exactly these headers", async () => {
  const seen = await answers();
  expect(new Set(seen.map(({ status }) => status))).toEqual(
    new Set([200, 201, 204, 304, 400, 403, 404, 405, 410, 413, 415]),
  );
  for (const answer of seen) {
    for (const [name, value] of Object.entries(securityHeaders)) expect(answer.headers.get(name)).toBe(value);
    for (const name of ["server", "x-powered-by", "set-cookie", "access-control-allow-origin"])
      expect(answer.headers.get(name)).toBeNull();
  }
});

test("lets nobody keep an answer, but for the hashed assets, which are kept for good", async () => {
  for (const answer of await answers()) {
    const asset = answer.url.includes("/assets/");
    expect(answer.headers.get("cache-control")).toBe(
      asset ? "public, max-age=31536000, immutable" : "no-store",
    );
  }
});

/** What a response says of its content, its connection or what to send next. */
const OWN =
  /^(?:cache-control|connection|content-(?:encoding|length|type)|date|keep-alive|retry-after|vary|www-authenticate)$/;

/** The other headers of the response at this address. */
function headersAt(method: string, path: string, host: string): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const options = { port: service.port, host: "127.0.0.1", method, path, headers: { host } };
    const sent = request(options, (response) => {
      response.resume();
      const headers = Object.entries(response.headers).filter(([name]) => !OWN.test(name));
      resolve(Object.fromEntries(headers));
    });
    sent.on("error", reject).end();
  });
}

const routesAndPages = [
  ...(Object.keys(routes) as RouteName[]).map((name) => ({
    method: routes[name].method,
    path: routePath(name, { id: randomText(16), part: 0 }),
  })),
  ...Object.values(pages).map((path) => ({ method: "GET", path })),
];

test.each(["localhost", "elsewhere.example"])(
  "sends the plugin's own headers from every route and page to a request for %s, and no others",
  async (host) => {
    // The plugin itself sets the headers of this route.
    const ofPlugin = await headersAt("GET", operatorRoutes.livez.path, "localhost");
    expect(ofPlugin).toEqual(securityHeaders);
    for (const { method, path } of routesAndPages)
      expect(await headersAt(method, path, host), `${method} ${path}`).toEqual(ofPlugin);
  },
);
