import { describe, expect, test } from "vitest";
import { CLOCK_BEHIND_MS } from "../../src/index.ts";
import { recordSweep } from "../sweeps.ts";
import type { Ground } from "./harness.ts";
import { HOUR, MINUTE } from "./sample.ts";

const removed = { expired: 1, leases: 2, reservations: 3, tombstones: 4, orphans: 5 };
const worker = "worker-1";

export function describeHeartbeat({ bench, store, harness }: Ground): void {
  describe("heartbeat", () => {
    test("of a new store is null, with the store's id and time", async () => {
      const view = await store().heartbeat();
      expect(view.heartbeat).toBeNull();
      expect(view.storeId).not.toBe("");
      expect(view.now).toBe(await store().now());
    });

    test("is what was recorded, with the store's own finishing time", async () => {
      const startedAt = await store().now();
      await bench().advance(5_000);
      const recorded = await recordSweep(store(), { startedAt, removed, worker, run: "run-1" });
      const view = await store().heartbeat();
      expect(recorded).toEqual({
        storeId: view.storeId,
        sequence: 1,
        startedAt,
        finishedAt: startedAt + 5_000,
        removed,
        worker,
      });
      expect(view.heartbeat).toEqual(recorded);
    });

    test("tells how far a clock that was set back is behind, which is a fault of the rules", async () => {
      const now = await store().now();
      await bench().setClockBack(HOUR);
      const view = await store().heartbeat();
      expect(view.now).toBe(now);
      expect(view.clockBehindMs).toBeGreaterThan(HOUR - MINUTE);
      expect(view.clockBehindMs).toBeGreaterThan(CLOCK_BEHIND_MS);
      expect(await store().ruleFaults()).toContainEqual(expect.stringMatching(/clock/));
    });

    test("rises by one with every run, and not when a run is recorded again", async () => {
      const startedAt = await store().now();
      const first = await recordSweep(store(), { startedAt, removed, worker, run: "run-1" });
      await bench().advance(1_000);
      expect(await recordSweep(store(), { startedAt, removed, worker, run: "run-1" })).toEqual(first);
      const second = await recordSweep(store(), {
        startedAt: startedAt + 500,
        removed,
        worker,
        run: "run-2",
      });
      expect(second).toMatchObject({ sequence: 2, startedAt: startedAt + 500 });
      expect((await store().heartbeat()).heartbeat).toEqual(second);
    });

    test("keeps the later start of two workers' sweeps, whichever is recorded last", async () => {
      const start = await store().now();
      await bench().advance(MINUTE);
      await recordSweep(store(), { startedAt: start + 30_000, removed, worker: "late", run: "b" });
      const answer = await recordSweep(store(), { startedAt: start, removed, worker: "early", run: "a" });
      expect(answer).toMatchObject({ sequence: 2, startedAt: start + 30_000 });
    });

    test("and the store's id survive a restart", async () => {
      const before = await recordSweep(store(), {
        startedAt: await store().now(),
        removed,
        worker,
        run: "run-1",
      });
      await bench().reopen();
      expect((await store().heartbeat()).heartbeat).toEqual(before);
      const next = await recordSweep(store(), {
        startedAt: await store().now(),
        removed,
        worker,
        run: "run-2",
      });
      expect(next).toMatchObject({ storeId: before?.storeId, sequence: 2 });
    });

    test("of another store bears another id", async () => {
      const other = await harness.open();
      const theirs = (await other.store().heartbeat()).storeId;
      await other.close();
      const ours = (await store().heartbeat()).storeId;
      expect(theirs).not.toBe(ours);
    });

    test("that cannot be understood is null, until the next complete sweep", async () => {
      await recordSweep(store(), { startedAt: await store().now(), removed, worker, run: "run-1" });
      await bench().spoilHeartbeat();
      expect((await store().heartbeat()).heartbeat).toBeNull();
      await recordSweep(store(), { startedAt: await store().now(), removed, worker, run: "run-2" });
      expect((await store().heartbeat()).heartbeat).toMatchObject({ worker, removed });
    });

    test("is not touched by failed sweeps, which are counted until a complete one", async () => {
      const beat = await recordSweep(store(), {
        startedAt: await store().now(),
        removed,
        worker,
        run: "run-1",
      });
      expect(await store().failedSweeps()).toBe(0);
      await bench().advance(HOUR);
      await store().recordFailedSweep({ worker, reason: "overdue" });
      await store().recordFailedSweep({ worker, reason: "failed" });
      expect(await store().failedSweeps()).toBe(2);
      expect((await store().heartbeat()).heartbeat).toEqual(beat);
      await recordSweep(store(), { startedAt: await store().now(), removed, worker, run: "run-2" });
      expect(await store().failedSweeps()).toBe(0);
    });
  });

  describe("now", () => {
    test("stands at the store's time and follows it", async () => {
      const now = await store().now();
      await bench().advance(1_234);
      expect(await store().now()).toBe(now + 1_234);
    });
  });
}
