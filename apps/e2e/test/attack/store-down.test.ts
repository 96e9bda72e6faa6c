import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { until } from "@mayfly/lab/until";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startKeeping } from "../../src/keeping.ts";
import { newClaim } from "../../src/reader.ts";
import { isReady, type Service, startService } from "../../src/service.ts";
import { type Asking, type Crowd, crowd, json } from "./crowd.ts";
import { bearer, opening, protect, type Sent } from "./sender.ts";

/** What cannot be sent is not waited for. Long, so that no busy machine is taken for one that waits. */
const STORE_TIMEOUT_MS = 5_000;
/** Seconds that nobody else asks for: by it the step is known in MONITOR, in milliseconds. */
const LIFETIME = 7_777;
const CLIENT = { "X-Forwarded-For": "192.0.2.1" };

describe("while the Redis that has secrets and limits", () => {
  let service: Service;
  let way: TcpProxy;
  let clients: Crowd;
  let redisUrl: string;

  beforeAll(async () => {
    const keeping = await startKeeping("redis");
    redisUrl = keeping.env.REDIS_URL ?? "";
    way = await TcpProxy.start(Number(new URL(redisUrl).port));
    service = await startService(
      { ...keeping, env: { ...keeping.env, REDIS_URL: `redis://127.0.0.1:${way.port}/0` } },
      {
        apis: 2,
        env: {
          MAYFLY_RATE_LIMITS: "on",
          TRUSTED_PROXIES: "127.0.0.1",
          MAYFLY_STORE_TIMEOUT_MS: String(STORE_TIMEOUT_MS),
        },
      },
    );
    clients = crowd(service.origin, 4);
  });
  afterAll(async () => {
    clients?.leave();
    await way?.close();
    await service?.stop();
  });

  const verifiers = { link: newClaim(), manage: newClaim() };
  const reserving: Asking = json(
    "/api/v1/secrets",
    { lifetime: LIFETIME, reads: 1, bytes: 334, verifiers },
    CLIENT,
  );
  /** All that may be asked of a service, but for what needs a claim. */
  const verbs = (sent: Sent): Asking[] => [
    reserving,
    {
      method: "PUT",
      path: `/api/v1/secrets/${sent.id}/parts/0`,
      headers: { "Content-Type": "application/octet-stream", ...bearer(sent.manage), ...CLIENT },
      body: sent.envelope,
    },
    { ...opening(sent, newClaim()), headers: { "Content-Type": "application/json", ...CLIENT } },
    { method: "DELETE", path: `/api/v1/secrets/${sent.id}`, headers: { ...bearer(sent.manage), ...CLIENT } },
  ];

  async function expectRefusals(sent: Sent): Promise<void> {
    for (const verb of verbs(sent)) {
      const began = performance.now();
      const { status, headers } = await clients.ask(verb);
      const took = performance.now() - began;
      const said = `${verb.method} ${verb.path.slice(-8)}`;
      expect(status, said).toBe(503);
      expect(took, said).toBeLessThan(STORE_TIMEOUT_MS);
      expect(headers, said).toMatchObject({ "retry-after": expect.any(String), "cache-control": "no-store" });
    }
    expect((await clients.ask({ method: "GET", path: "/livez" })).status).toBe(200);
    expect((await clients.ask({ method: "GET", path: "/" })).status).toBe(200);
  }

  const readyAgain = () =>
    until(
      () => `both processes to be ready again: ${service.output()}`,
      async () => (await Promise.all(service.apis.map(({ origin }) => isReady(origin)))).every(Boolean),
      40_000,
    );

  test("is out of reach, everything is answered 503 at once, nothing of it runs later, and all is well without a restart", async () => {
    const sent = await protect(clients, CLIENT);
    const heard: string[] = [];
    const redis = new Redis(redisUrl);
    const monitor = await redis.monitor();
    monitor.on("monitor", (_time: string, words: string[]) => heard.push(words.join(" ")));
    const heardAbout = async (words: string) => {
      await redis.echo("so far");
      await until("MONITOR to be read", () => heard.some((line) => line.includes("so far")));
      return heard.filter((line) => line.includes(words)).length;
    };
    const pids = service.apis.map(({ running }) => running.pid);

    way.cut();
    await expectRefusals(sent);
    await until("it to be noticed", async () => !(await isReady(service.origin)));
    way.mend();
    await readyAgain();
    expect(await heardAbout(sent.id)).toBe(0);
    expect(await heardAbout(`${LIFETIME}000`)).toBe(0);

    // Nobody has read or burned it. And the same steps are seen when they do run, so that this test can fail.
    heard.length = 0;
    expect((await clients.insist({ ...reserving })).status).toBe(201);
    const read = await clients.insist(opening(sent, newClaim()));
    expect(read.body.equals(sent.envelope)).toBe(true);
    expect(await heardAbout(sent.id)).toBeGreaterThan(0);
    expect(await heardAbout(`${LIFETIME}000`)).toBeGreaterThan(0);
    expect(service.apis.map(({ running }) => running.over)).toEqual([false, false]);
    expect(service.apis.map(({ running }) => running.pid)).toEqual(pids);
    monitor.disconnect();
    redis.disconnect();
  });

  test("takes what it is asked and does not answer, everything is answered 503 all the same, and one reader has the secret afterwards", async () => {
    const sent = await protect(clients, CLIENT);
    way.hold();
    const claim = newClaim();
    expect((await clients.ask(opening(sent, claim))).status).toBe(503);
    const statuses = await Promise.all(
      [reserving, opening(sent, newClaim())].map(async (verb) => (await clients.ask(verb)).status),
    );
    expect(statuses).toEqual([503, 503]);
    way.mend();
    await readyAgain();
    // The first claim was the first to reach the store, whenever that was.
    const answers = [];
    for (const again of [claim, newClaim(), newClaim()])
      answers.push(await clients.insist(opening(sent, again)));
    expect(answers.map(({ status }) => status)).toEqual([200, 410, 410]);
    expect(answers[0]?.body.equals(sent.envelope)).toBe(true);
  });
});
