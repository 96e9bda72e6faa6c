import { get, type IncomingHttpHeaders } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { pages } from "@mayfly/wire";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PAGE_HTML, type RunningService, runService } from "../running-service.ts";

let service: RunningService;
beforeAll(async () => {
  service = await runService();
});
afterAll(() => service.close());

interface Received {
  status: number | undefined;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** As sent: fetch() would decompress. */
function receive(path: string, headers: Record<string, string>): Promise<Received> {
  return new Promise((resolve, reject) => {
    get({ port: service.port, host: "127.0.0.1", path, headers }, async (response) => {
      const body = Buffer.concat(await response.toArray());
      resolve({ status: response.statusCode, headers: response.headers, body });
    }).on("error", reject);
  });
}

const addresses = [...Object.values(pages), "/nowhere", "/s%23EAAA", "/%zz"];

test.each([
  ["br", brotliDecompressSync],
  ["gzip", gunzipSync],
] as const)("sends the document as %s to a client that accepts it", async (encoding, decompress) => {
  for (const path of addresses) {
    const { headers, body } = await receive(path, { "accept-encoding": encoding });
    expect(decompress(body).toString(), path).toBe(PAGE_HTML);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-encoding": encoding,
      "content-length": String(body.length),
      "cache-control": "no-store",
    });
    expect(headers.vary?.toLowerCase()).toBe("accept-encoding");
  }
});

test("sends the document uncompressed to a client that accepts no compression", async () => {
  for (const path of addresses) {
    const { headers, body } = await receive(path, {});
    expect(body.toString(), path).toBe(PAGE_HTML);
    expect(headers["content-encoding"]).toBeUndefined();
  }
});

const past = new Date(0).toUTCString();
const future = new Date(Date.now() + 60_000).toUTCString();
const conditions: Record<string, string>[] = [
  { "if-match": '"x"' },
  { "if-match": "*" },
  { "if-none-match": "*" },
  { "if-modified-since": future },
  { "if-unmodified-since": past },
  { "if-unmodified-since": "never" },
  { range: "bytes=0-1" },
  { range: "bytes=99999-" },
  { range: "lines=x" },
  { range: "bytes=0-1", "if-range": '"x"' },
  { range: "bytes=0-1", "if-range": past },
  { "accept-encoding": "identity;q=0" },
  { "accept-encoding": "gzip;q=0, br;q=0, *;q=0" },
  { "accept-encoding": ",;q=," },
  { "accept-encoding": "x".repeat(4_000) },
];

test("sends the whole document whatever a condition or a range asks for", async () => {
  for (const condition of conditions) {
    for (const path of addresses) {
      const { status, headers, body } = await receive(path, condition);
      expect([status, body.toString()], JSON.stringify(condition)).toEqual([
        addresses.indexOf(path) < 3 ? 200 : 404,
        PAGE_HTML,
      ]);
      for (const name of ["etag", "last-modified"]) expect(headers[name]).toBeUndefined();
    }
  }
});

test("sends a whole asset, or that it has not changed, whatever a condition or a range asks for", async () => {
  for (const condition of conditions) {
    const { status, body } = await receive("/assets/page-0a1b2c3d.js", condition);
    const unchanged = "if-none-match" in condition || "if-modified-since" in condition;
    expect([status, body.toString()], JSON.stringify(condition)).toEqual(
      unchanged ? [304, ""] : [200, "export {};"],
    );
    expect((await receive("/assets/none-0a1b2c3d.js", condition)).status).toBe(404);
  }
  expect(service.logged.join("")).not.toContain("request_failed");
});

test("compresses no answer of the API", async () => {
  for (const path of ["/api/v1/service", "/api/v1/openapi.json", "/api/v1/nowhere", "/readyz"]) {
    const { headers } = await receive(path, { "accept-encoding": "br, gzip" });
    expect(headers["content-encoding"], path).toBeUndefined();
  }
});
