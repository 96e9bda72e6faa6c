import { createLog } from "@mayfly/config";
import { type Store, StoreUnavailable } from "@mayfly/store";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { LOOK_MS } from "../src/schedule.ts";
import { createWorker } from "../src/worker.ts";
import { deposited, faulty, ground, HOUR, MINUTE, until } from "./ground.ts";

/** Seven minutes past an hour, with the real store's own turns left to real time. */
beforeEach(() => {
  vi.useFakeTimers({
    now: Date.UTC(2026, 0, 15, 10, 7),
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** A started worker that is stopped at the end, the lines of its log, and how many sweeps have begun and ended. */
function working(store: Store, faults: Partial<Store> = {}) {
  const lines: string[] = [];
  const counts = { begun: 0, complete: 0 };
  const counted = faulty(store, {
    now: () => {
      counts.begun += 1;
      return store.now();
    },
    recordSweep: async (report) => {
      const heartbeat = await store.recordSweep(report);
      counts.complete += 1;
      return heartbeat;
    },
    ...faults,
  });
  const worker = createWorker({
    store: counted,
    log: createLog("worker", "info", (line) => lines.push(line)),
    name: "one",
    maxAgeMs: 75 * MINUTE,
  });
  onTestFinished(() => worker.stop());
  worker.start();
  return { worker, lines, counts, events: () => lines.map((line) => JSON.parse(line)) };
}

/** Moves the fake time on, in steps so small that each sweep has ended before the next is due. */
async function pass(ms: number, settled: () => boolean) {
  for (let left = ms; left > 0; left -= LOOK_MS) {
    await vi.advanceTimersByTimeAsync(Math.min(left, LOOK_MS));
    await until(settled);
  }
}

describe("the worker", () => {
  it("sweeps at once, and then at every full hour", async () => {
    const { store, clock } = await ground();
    const { counts, events } = working(store);
    const settled = () => events().length === counts.begun && counts.begun > 0;
    await until(settled);
    expect(counts.complete).toBe(1);
    await pass(52 * MINUTE, settled);
    expect(counts.complete).toBe(1);
    await pass(MINUTE + LOOK_MS, settled);
    expect(counts.complete).toBe(2);
    clock.now += HOUR;
    await pass(3 * HOUR, settled);
    expect(counts.complete).toBe(5);
    expect((await store.heartbeat()).heartbeat?.sequence).toBe(5);
  });

  it("says how a sweep went, and never an id", async () => {
    const { store, clock } = await ground();
    const ids = [await deposited(store, HOUR), await deposited(store, HOUR)];
    clock.now += HOUR;
    const { lines, events } = working(store);
    await until(() => lines.length === 1);
    expect(events()[0]).toMatchObject({
      level: "info",
      program: "worker",
      event: "sweep_complete",
      sequence: 1,
      count: 2,
    });
    for (const id of ids) expect(lines.join("")).not.toContain(id);
  });

  it("sweeps within seconds when the store has lost its heartbeat, instead of leaving it halted till the hour", async () => {
    const { store } = await ground();
    let lost = false;
    const { counts, events } = working(store, {
      heartbeat: async () => ({ ...(await store.heartbeat()), ...(lost && { heartbeat: null }) }),
      recordSweep: (report) => {
        lost = false;
        return store.recordSweep(report);
      },
    });
    const settled = () => events().length === counts.begun && counts.begun > 0;
    await until(settled);
    await pass(MINUTE, settled);
    expect(counts.begun).toBe(1);
    lost = true;
    await pass(2 * LOOK_MS, settled);
    await until(() => events().length === 2);
    await pass(MINUTE, settled);
    expect(counts.begun).toBe(2);
  });

  it("tries again a minute after a failure, doubling up to a quarter of an hour, and at the hour anyway", async () => {
    const { store } = await ground();
    const begun: number[] = [];
    let down = true;
    const { events } = working(store, {
      now: () => {
        begun.push(Date.now());
        return down ? Promise.reject(new StoreUnavailable("connection")) : store.now();
      },
    });
    const settled = () => events().length === begun.length && begun.length > 0;
    await until(settled);
    await pass(70 * MINUTE, settled);
    const minutes = begun.map((time) => Math.floor((time - Date.UTC(2026, 0, 15, 10, 0)) / MINUTE));
    // 10:07, then 1, 2, 4, 8, 15, 15 minutes later; 11:00 by the hour; then 15 minutes after that.
    expect(minutes).toEqual([7, 8, 10, 14, 22, 37, 52, 60, 75]);
    expect(events()[0]).toMatchObject({ level: "error", event: "sweep_failed", code: "store_connection" });

    down = false;
    await pass(15 * MINUTE + LOOK_MS, settled);
    expect(events().at(-1)).toMatchObject({ event: "sweep_complete" });
    const recovered = begun.length;
    await pass(20 * MINUTE, settled);
    expect(begun).toHaveLength(recovered);
  });

  it("sweeps within seconds of waking, when the machine slept past the hour", async () => {
    const { store } = await ground();
    const { counts, events } = working(store);
    const settled = () => events().length === counts.begun && counts.begun > 0;
    await until(settled);
    // Asleep, the wall clock goes on and no timer does.
    vi.setSystemTime(Date.now() + 70 * MINUTE);
    await pass(2 * LOOK_MS, settled);
    expect(counts.complete).toBe(2);
    await pass(10 * MINUTE, settled);
    expect(counts.complete).toBe(2);
  });

  it("still sweeps every hour when the machine's clock is set back", async () => {
    const { store } = await ground();
    const { counts, events } = working(store);
    const settled = () => events().length === counts.begun && counts.begun > 0;
    await until(settled);
    vi.setSystemTime(Date.now() - 5 * HOUR);
    await pass(62 * MINUTE, settled);
    expect(counts.complete).toBeGreaterThan(1);
  });

  it("begins no sweep while one runs, however long, and says that it did not", async () => {
    const { store } = await ground();
    const release = Promise.withResolvers<void>();
    const { counts, events } = working(store, {
      sweep: async (options) => {
        if (counts.begun === 1) await release.promise;
        return store.sweep(options);
      },
    });
    await until(() => counts.begun === 1);
    await vi.advanceTimersByTimeAsync(3 * HOUR);
    expect(counts.begun).toBe(1);
    expect(events()).toHaveLength(3);
    for (const event of events())
      expect(event).toMatchObject({ event: "sweep_skipped", code: "still_running" });

    release.resolve();
    await until(() => counts.complete === 1);
    // The one that ended had begun three hours ago: the next one does not wait for the hour.
    await vi.advanceTimersByTimeAsync(LOOK_MS);
    await until(() => counts.complete === 2);
  });

  it("may run twice over one store: at the same moment, both sweeps complete", async () => {
    const { store, clock, another } = await ground();
    for (let count = 0; count < 30; count += 1) await deposited(store, HOUR);
    clock.now += HOUR;
    const workers = [working(store), working(await another())];
    await until(() =>
      workers.every(({ counts, events }) => counts.begun > 0 && events().length === counts.begun),
    );
    expect(workers.map(({ counts }) => counts.complete)).toEqual([1, 1]);
    expect((await store.heartbeat()).heartbeat?.sequence).toBe(2);
    expect(await store.overdue(clock.now, { batch: 10 })).toMatchObject({ outcome: "verified" });
  });

  it("told to stop, lets go of the store in the middle of a sweep, and never sweeps again", async () => {
    const { store } = await ground();
    const { worker, counts, events } = working(store, {
      overdue: (asOf, options) => {
        void worker.stop();
        return store.overdue(asOf, options);
      },
    });
    await until(() => counts.begun === 1);
    await worker.stop();
    expect(events()).toMatchObject([{ event: "sweep_aborted" }]);
    expect((await store.heartbeat()).heartbeat).toBeNull();
    expect(await store.failedSweeps()).toBe(0);
    await vi.advanceTimersByTimeAsync(3 * HOUR);
    expect(counts.begun).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
