import { afterEach, expect, test } from "vitest";
import { type RunningService, runService } from "../running-service.ts";

let service: RunningService;
afterEach(() => service.close());

test("is live while it is halted, and ready only when the store answers and the heartbeat is fresh", async () => {
  service = await runService({ swept: false });
  expect((await fetch(`${service.url}/livez`)).status).toBe(200);
  expect((await fetch(`${service.url}/readyz`)).status).toBe(503);
  await service.sweep();
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  await service.store.close();
  // Until ten seconds are over the last result is told; so much time passes on the process's own clock.
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
  service.clock.advance(10_000);
  const unready = await fetch(`${service.url}/readyz`);
  expect([unready.status, (await unready.json()) as unknown]).toMatchObject([503, { code: "unavailable" }]);
  expect((await fetch(`${service.url}/livez`)).status).toBe(200);
});

/** Status and headers, without those of the moment and of the connection. */
const told = ({ status, headers }: Response) => [
  status,
  ...[...headers].filter(([name]) => !["date", "connection", "keep-alive"].includes(name)),
];

test.each(["/livez", "/readyz", "/api/v1/service", "/api/v1/openapi.json", "/metrics"])(
  "answers HEAD on %s like GET without a body, while it accepts and while it is halted",
  async (path) => {
    service = await runService({ swept: false });
    for (const state of ["halted", "accepting"]) {
      if (state === "accepting") await service.sweep();
      const get = await fetch(`${service.url}${path}`);
      const head = await fetch(`${service.url}${path}`, { method: "HEAD" });
      expect(head.status).toBe(path === "/readyz" && state === "halted" ? 503 : 200);
      expect(await head.text()).toBe("");
      // What is counted has changed.
      if (path !== "/metrics") expect(told(head)).toEqual(told(get));
    }
  },
);

test("counts answers by route and status in Prometheus' form, without anything of a request", async () => {
  service = await runService();
  await fetch(`${service.url}/api/v1/secrets`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  await fetch(`${service.url}/canary-4711`);
  const metrics = await fetch(`${service.url}/metrics`);
  const text = await metrics.text();
  expect(metrics.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(text).toContain('mayfly_requests_total{route="reserve",status="400"} 1');
  expect(text).toContain('mayfly_requests_total{route="other",status="404"} 1');
  expect(text).toMatch(/^mayfly_accepting 1$/m);
  expect(text).toMatch(/^mayfly_last_sweep_age_seconds [0-9.]+$/m);
  expect(text).not.toContain("canary");
});

test("shows metrics to the configured addresses only, and not through a proxy that is not trusted", async () => {
  service = await runService();
  const forwarded = await fetch(`${service.url}/metrics`, { headers: { "x-forwarded-for": "127.0.0.1" } });
  expect(forwarded.status).toBe(404);
  await service.close();
  service = await runService({ environment: { MAYFLY_METRICS_FROM: "10.0.0.0/8" } });
  expect((await fetch(`${service.url}/metrics`)).status).toBe(404);
});
