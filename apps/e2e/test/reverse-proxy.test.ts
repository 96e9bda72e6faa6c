import { createHash, randomBytes } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { request } from "node:https";
import { until } from "@mayfly/lab/until";
import { isEnvelopeLength, PART_BYTES } from "@mayfly/wire";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startKeeping } from "../src/keeping.ts";
import { type ReverseProxy, reverseProxies, startReverseProxy } from "../src/reverse-proxy.ts";
import { type Service, startService } from "../src/service.ts";

/** Two people. Every address of 127.0.0.0/8 is this machine's. */
const [ONE, OTHER] = ["127.0.0.2", "127.0.0.3"];

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

describe.each(reverseProxies)("behind %s with the file that is shipped", (kind) => {
  let service: Service;
  let proxy: ReverseProxy;
  beforeAll(async () => {
    service = await startService(await startKeeping("sqlite"), {
      env: {
        PUBLIC_URL: "https://localhost",
        TRUSTED_PROXIES: "127.0.0.1",
        MAYFLY_RATE_LIMITS: "on",
        MAYFLY_PART_BYTES: String(PART_BYTES.max),
      },
    });
    proxy = await startReverseProxy(kind, Number(new URL(service.origin).port));
  });
  afterAll(async () => {
    await proxy?.stop();
    await service?.stop();
  });

  const ask = (from: string, path: string, { method = "GET", headers = {}, body }: Asked = {}) =>
    new Promise<Answer>((resolve, reject) => {
      const sent = request(
        {
          host: "127.0.0.1",
          port: proxy.port,
          localAddress: from,
          servername: "localhost",
          ca: proxy.certificate,
          agent: false,
          method,
          path,
          headers: { host: `localhost:${proxy.port}`, ...headers },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () =>
            resolve({
              status: answer.statusCode ?? 0,
              headers: answer.headers,
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      sent.on("error", reject);
      sent.end(body);
    });
  const json = (from: string, path: string, value: unknown) =>
    ask(from, path, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(value),
    });

  test("passes a part of the largest size, either way, as it is and without a file", async () => {
    const [link, manage] = [randomBytes(32), randomBytes(32)];
    const text = (bytes: Buffer) => bytes.toString("base64url");
    const verifier = (bytes: Buffer) => text(createHash("sha256").update(bytes).digest());
    const bytes = envelopeLengthAbove(PART_BYTES.max);
    const reserved = await json(ONE, "/api/v1/secrets", {
      lifetime: 300,
      reads: 1,
      bytes,
      verifiers: { link: verifier(link), manage: verifier(manage) },
    });
    expect(reserved.status).toBe(201);
    const { id, parts } = JSON.parse(reserved.body.toString()) as { id: string; parts: number };
    expect(parts).toBe(2);
    const envelope = Buffer.concat([Buffer.from("MFLY\u0001"), randomBytes(bytes - 5)]);
    const slices = [envelope.subarray(0, PART_BYTES.max), envelope.subarray(PART_BYTES.max)];
    for (const [part, body] of slices.entries()) {
      const { status } = await ask(ONE, `/api/v1/secrets/${id}/parts/${part}`, {
        method: "PUT",
        headers: { "content-type": "application/octet-stream", authorization: `Bearer ${text(manage)}` },
        body,
      });
      expect(status).toBe(200 + part);
    }
    const claim = text(randomBytes(32));
    const opened = await json(OTHER, `/api/v1/secrets/${id}/open`, { linkProof: text(link), claim });
    expect([opened.status, opened.body.equals(slices[0] as Buffer)]).toEqual([200, true]);
    ids.push(id);
  });

  /** Ids that have travelled. */
  const ids: string[] = [];

  test("counts each client by itself, whatever it says of where it comes from", async () => {
    const forged = { "X-Forwarded-For": OTHER, Forwarded: `for=${OTHER}` };
    const unknown = "/api/v1/unknown";
    await until("a client to be limited", async () => {
      const { status } = await ask(ONE, unknown);
      return status === 429;
    });
    expect((await ask(ONE, unknown, { headers: forged })).status).toBe(429);
    expect((await ask(OTHER, unknown, { headers: forged })).status).toBe(404);
    expect((await ask(OTHER, unknown, { headers: { "X-Forwarded-For": ONE } })).status).toBe(404);
  });

  test("adds no header to the service's own and changes none", async () => {
    const direct = await fetch(`${service.origin}/api/v1/service`);
    const own = Object.fromEntries(direct.headers);
    const { headers } = await ask(OTHER, "/api/v1/service");
    // Those of the connection; and nginx has no way to leave out its name.
    const ofConnection = ["connection", "date", "keep-alive", "transfer-encoding", "content-length"];
    const compared = (all: object) =>
      Object.fromEntries(Object.entries(all).filter(([name]) => !ofConnection.includes(name)));
    const expected = { ...compared(own), ...(kind === "nginx" && { server: "nginx" }) };
    expect(compared(headers)).toEqual(expected);
  });

  test("tells nobody outside the counters, however the address is written", async () => {
    for (const path of ["/metrics", "/metrics?x", "/%6Detrics", "//metrics"]) {
      const { status, body } = await ask(OTHER, path, { headers: { "X-Forwarded-For": "127.0.0.1" } });
      expect([path, status]).toEqual([path, 404]);
      expect(body.toString()).not.toContain("mayfly_accepting");
    }
  });

  test("keeps no id and no address of a client, also where the API is away", async () => {
    const [id = ""] = ids;
    for (const { running } of service.apis) await running.stop();
    expect((await json(OTHER, `/api/v1/secrets/${id}/status`, {})).status).toBeGreaterThanOrEqual(502);
    const remains = await proxy.stop();
    expect(id).toMatch(/^[\w-]{22}$/);
    for (const trace of [id, ONE, OTHER]) expect(remains).not.toContain(trace);
  });
});

function envelopeLengthAbove(least: number): number {
  let bytes = least + 1;
  while (!isEnvelopeLength(bytes)) bytes++;
  return bytes;
}
