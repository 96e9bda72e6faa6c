import { createLog } from "@mayfly/config";
import { StoreUnavailable } from "@mayfly/store";
import { afterEach, expect, test, vi } from "vitest";
import { watchHeartbeat } from "../../src/maintenance/watch.ts";
import { overriding, type RunningService, recordSweep, runService } from "../running-service.ts";
import { callsTo, randomText, sampleSecret } from "../sample-secret.ts";

let service: RunningService;
afterEach(() => service.close());

test("while halted no lease is ended, for the sweep that ends the halt gives it its time anew", async () => {
  service = await runService();
  const calls = callsTo(service.url);
  const secret = sampleSecret();
  const id = await calls.protect(secret, { lifetime: 86_400 });
  service.clock.advance(75 * 60_000 - 30_000);
  await service.guard.look();
  const opening = { linkProof: secret.linkProof, claim: randomText(32) };
  expect((await calls.open(id, opening)).status).toBe(200);
  service.clock.advance(60 * 60_000);

  const { store } = service;
  let looks = 0;
  const watched = { endDue: vi.fn((limit: number) => store.endDue(limit)) };
  const guard = Object.create(service.guard, {
    look: {
      value: async () => {
        await service.guard.look();
        looks += 1;
      },
    },
    state: { value: () => service.guard.state() },
    halted: { get: () => service.guard.halted },
  });
  const watch = watchHeartbeat(guard, watched, createLog("api", "error"));
  await vi.waitUntil(() => looks >= 3, { timeout: 10_000 });
  expect(watched.endDue).not.toHaveBeenCalled();

  const startedAt = await store.now();
  const maxAgeMs = 75 * 60_000;
  const removed = await store.sweep({ batch: 100, maxAgeMs });
  await recordSweep(store, { startedAt, removed, maxAgeMs });
  await vi.waitUntil(() => watched.endDue.mock.calls.length > 0, { timeout: 10_000 });
  watch.stop();
  expect((await calls.open(id, opening)).status).toBe(200);
});

test("a halt that goes on for another reason is said again", async () => {
  let isReadable = true;
  service = await runService({
    wrapStore: (store) =>
      overriding(store, {
        heartbeat: async () => {
          if (isReadable) return store.heartbeat();
          throw new StoreUnavailable("rolled_back");
        },
      }),
  });
  const lines: string[] = [];
  const log = createLog("api", "info", (line) => lines.push(line));
  const watch = watchHeartbeat(service.guard, service.store, log);
  await watch.first;
  service.clock.advance(75 * 60_000 + 1);
  await vi.waitUntil(() => lines.length === 2, { timeout: 10_000 });
  isReadable = false;
  await vi.waitUntil(() => lines.length === 3, { timeout: 10_000 });
  watch.stop();
  expect(lines.map((line) => (JSON.parse(line) as { code?: string }).code)).toEqual([
    undefined,
    "stale",
    "rolled_back",
  ]);
});

test("a halt is an error in the log, and at a start without a clean-up a warning", async () => {
  const levels = async (swept: boolean) => {
    service = await runService({ swept });
    const lines: string[] = [];
    const log = createLog("api", "info", (line) => lines.push(line));
    const watch = watchHeartbeat(service.guard, service.store, log);
    await watch.first;
    if (swept) {
      service.clock.advance(75 * 60_000 + 1);
      await vi.waitUntil(() => lines.length === 2, { timeout: 10_000 });
    }
    watch.stop();
    if (swept) await service.close();
    return lines.map((line) => JSON.parse(line) as object);
  };
  expect(await levels(true)).toMatchObject([
    { level: "info", event: "accepting" },
    { level: "error", event: "halted", code: expect.any(String) },
  ]);
  expect(await levels(false)).toMatchObject([{ level: "warn", event: "halted", code: "missing" }]);
});
