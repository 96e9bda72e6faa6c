import { afterEach, expect, test } from "vitest";
import { type RunningService, runService } from "../running-service.ts";

let service: RunningService;
afterEach(() => service.close());

const said = () => service.logged.filter((line) => line.includes("forwarded_by_untrusted"));
const forwarded = (headers: Record<string, string>) => fetch(`${service.url}/livez`, { headers });

test("says once an hour how many requests a peer that is not trusted has forwarded, and no address", async () => {
  service = await runService();
  await fetch(`${service.url}/livez`);
  expect(said()).toEqual([]);
  for (let sent = 0; sent < 3; sent++) await forwarded({ "x-forwarded-for": "192.0.2.77" });
  await forwarded({ forwarded: "for=192.0.2.77" });
  service.clock.advance(3_600_000);
  await forwarded({ "x-forwarded-for": "192.0.2.77" });
  expect(said().map((line) => (JSON.parse(line) as { count: number }).count)).toEqual([1, 4]);
  expect(service.logged.join()).not.toContain("192.0.2");
});

test("says nothing of what a trusted proxy forwards", async () => {
  service = await runService({ environment: { TRUSTED_PROXIES: "127.0.0.1" } });
  await forwarded({ "x-forwarded-for": "192.0.2.77" });
  expect(said()).toEqual([]);
});
