import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import fastify from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FrozenResponse, freezeHeaders } from "../src/frozen-response.ts";
import { frozenHeaders } from "../src/headers.ts";
import { type RunningService, runService } from "./running-service.ts";

let service: RunningService;
beforeAll(async () => {
  service = await runService();
});
afterAll(() => service.close());

/** Names and values of an answer's headers as they came, the names in small letters. */
function headersOf(path: string, port = service.port): Promise<(readonly [string, string])[]> {
  return new Promise((resolve, reject) => {
    get({ port, host: "127.0.0.1", path }, ({ rawHeaders }) => {
      const names = rawHeaders.filter((_, at) => at % 2 === 0);
      resolve(names.map((name, at) => [name.toLowerCase(), rawHeaders[2 * at + 1] ?? ""]));
    }).on("error", reject);
  });
}

test("an answer bears each of the headers once, whatever it answers", async () => {
  for (const path of [
    "/",
    "/livez",
    "/assets/page-0a1b2c3d.js",
    "/api/v1/service",
    "/api/v1/nothing",
    "/%zz",
  ]) {
    const came = await headersOf(path);
    for (const [name, value] of Object.entries(frozenHeaders))
      expect(
        came.filter((each) => each[0] === name),
        path,
      ).toEqual([[name, value]]);
  }
});

/** Should a new Node not do so, the service sends them all the same, but at a tenth more of its CPU. */
test("an answer of the class writes them by itself", async () => {
  const server = createServer({ ServerResponse: FrozenResponse }, (_request, response) => {
    response.writeHead(200, { "x-own": "1" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const came = await headersOf("/", (server.address() as AddressInfo).port);
  server.close();
  expect(came).toEqual(expect.arrayContaining([...Object.entries(frozenHeaders), ["x-own", "1"]]));
});

test("an answer of another class bears them too", async () => {
  const app = fastify();
  app.addHook("onRequest", (_request, reply, done) => {
    freezeHeaders(reply);
    done();
  });
  app.get("/", async () => ({}));
  const { headers } = await app.inject({ method: "GET", url: "/" });
  for (const [name, value] of Object.entries(frozenHeaders)) expect(headers[name]).toBe(value);
});
