import { copyFileSync } from "node:fs";
import { type Opening, StoreUnavailable } from "@mayfly/store";
import { describe, expect, it } from "vitest";
import { sweepOnce } from "../src/sweep.ts";
import { deposited, faulty, ground, HOUR, MINUTE, opened } from "./ground.ts";

const nothing = { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 };
const request = { batch: 10, maxAgeMs: 75 * MINUTE, worker: "one", signal: new AbortController().signal };

describe("one sweep", () => {
  it("removes what is overdue, and records a heartbeat from its own start", async () => {
    const { store, clock } = await ground();
    for (let count = 0; count < 25; count += 1) await deposited(store, HOUR);
    await deposited(store, 2 * HOUR);
    clock.now += HOUR;
    const startedAt = clock.now;
    const slow = faulty(store, {
      sweep: async (options) => {
        const removed = await store.sweep(options);
        clock.now += 10 * MINUTE;
        return removed;
      },
    });
    expect(await sweepOnce({ ...request, store: slow })).toEqual({
      outcome: "complete",
      sequence: 1,
      removed: 25,
    });
    const { heartbeat } = await store.heartbeat();
    expect(heartbeat).toMatchObject({
      sequence: 1,
      startedAt,
      worker: "one",
      removed: { ...nothing, expired: 25 },
    });
  });

  it("fails on a store that was put back from a copy, again and again, and heals nothing", async () => {
    const { store, clock, file } = await ground();
    await deposited(store, HOUR);
    await store.sweep({ batch: 10 });
    copyFileSync(file, `${file}.copy`);
    await opened(store);
    await store.sweep({ batch: 10 });
    copyFileSync(`${file}.copy`, file);
    const failed = { outcome: "failed", code: "store_rolled_back", overdue: 0, notes: [] };
    expect(await sweepOnce({ ...request, store })).toEqual(failed);
    clock.now += HOUR;
    expect(await sweepOnce({ ...request, store })).toEqual(failed);
    await expect(store.heartbeat()).rejects.toEqual(new StoreUnavailable("rolled_back"));
  });

  it("leaves to the next sweep what falls due while it runs", async () => {
    const { store, clock } = await ground();
    await deposited(store, HOUR + MINUTE);
    clock.now += HOUR;
    const slow = faulty(store, {
      sweep: async (options) => {
        const removed = await store.sweep(options);
        clock.now += 10 * MINUTE;
        return removed;
      },
    });
    expect(await sweepOnce({ ...request, store: slow })).toMatchObject({ outcome: "complete", removed: 0 });
    expect(await sweepOnce({ ...request, store })).toMatchObject({ outcome: "complete", removed: 1 });
  });

  it("does not believe a sweep that removed nothing: the count finds what is overdue, and there is no heartbeat", async () => {
    const { store, clock } = await ground();
    await deposited(store, HOUR);
    await deposited(store, HOUR);
    clock.now += HOUR;
    const idle = faulty(store, { sweep: async () => nothing });
    const outcome = await sweepOnce({ ...request, store: idle });
    expect(outcome).toEqual({ outcome: "failed", code: "overdue", overdue: 2, notes: [] });
    expect((await store.heartbeat()).heartbeat).toBeNull();
    expect(await store.failedSweeps()).toBe(1);
  });

  it("does not count a sweep that failed on its way, and keeps the heartbeat of the last whole one", async () => {
    const { store, clock } = await ground();
    await sweepOnce({ ...request, store });
    const before = (await store.heartbeat()).heartbeat;
    for (let count = 0; count < 25; count += 1) await deposited(store, HOUR);
    clock.now += HOUR;
    const partial = faulty(store, {
      sweep: async (options) => {
        await store.endDue(options.batch);
        throw new StoreUnavailable("failed");
      },
    });
    for (const failures of [1, 2]) {
      expect(await sweepOnce({ ...request, store: partial })).toMatchObject({
        outcome: "failed",
        code: "store_failed",
      });
      expect(await store.failedSweeps()).toBe(failures);
    }
    expect((await store.heartbeat()).heartbeat).toEqual(before);
    expect(await sweepOnce({ ...request, store })).toMatchObject({ outcome: "complete", sequence: 2 });
    expect(await store.failedSweeps()).toBe(0);
  });

  it("does not count a sweep of a store that is not as declared, and hands on what the store says of itself", async () => {
    const { store } = await ground();
    const changed = faulty(store, { ruleFaults: async () => ["secure_delete is off"] });
    expect(await sweepOnce({ ...request, store: changed })).toEqual({
      outcome: "failed",
      code: "rules",
      overdue: 0,
      notes: ["secure_delete is off"],
    });
    expect((await store.heartbeat()).heartbeat).toBeNull();
    expect(await store.failedSweeps()).toBe(1);
  });

  it("tells of an unforeseen error its class, and nothing of its words", async () => {
    const { store } = await ground();
    const broken = faulty(store, {
      overdue: () => Promise.reject(new TypeError("canary")),
    });
    const outcome = await sweepOnce({ ...request, store: broken });
    expect(outcome).toEqual({ outcome: "failed", code: "unforeseen", overdue: 0, notes: ["TypeError"] });
    expect((await store.heartbeat()).heartbeat).toBeNull();
  });

  it("fails without throwing when not even the failure can be recorded", async () => {
    const { store } = await ground();
    const down = () => Promise.reject(new StoreUnavailable("connection"));
    const outcome = await sweepOnce({
      ...request,
      store: faulty(store, { now: down, recordFailedSweep: down }),
    });
    expect(outcome).toMatchObject({ outcome: "failed", code: "store_connection" });
  });

  it.each(["sweep", "overdue", "ruleFaults"] as const)(
    "aborted during %s, it leaves neither a heartbeat nor a failure",
    async (step) => {
      const { store, clock } = await ground();
      for (let count = 0; count < 25; count += 1) await deposited(store, HOUR);
      clock.now += HOUR;
      const abort = new AbortController();
      const stopped = faulty(store, {
        [step]: (...args: never[]) => {
          abort.abort();
          return (store[step] as (...args: never[]) => Promise<unknown>).apply(store, args);
        },
      });
      const outcome = await sweepOnce({ ...request, store: stopped, signal: abort.signal });
      expect(outcome).toEqual({ outcome: "aborted" });
      expect((await store.heartbeat()).heartbeat).toBeNull();
      expect(await store.failedSweeps()).toBe(0);
    },
  );

  it("gives a reader whom a halt cut off the lease anew, from the heartbeat's age", async () => {
    const { store, clock } = await ground();
    await sweepOnce({ ...request, store });
    clock.now += 75 * MINUTE - 30_000;
    const reader = await opened(store);
    clock.now += HOUR;
    const slow = faulty(store, {
      ruleFaults: async () => {
        clock.now += HOUR;
        return [];
      },
    });
    expect(await sweepOnce({ ...request, store: slow })).toMatchObject({ outcome: "complete", removed: 0 });
    expect(await store.open(reader)).toMatchObject({ outcome: "opened", leaseEnds: clock.now + MINUTE });
  });

  it("ends leases as always while no halt has begun", async () => {
    const { store, clock } = await ground();
    await sweepOnce({ ...request, store });
    const reader = await opened(store);
    clock.now += MINUTE;
    expect(await sweepOnce({ ...request, store })).toMatchObject({ outcome: "complete", removed: 1 });
    expect(await store.open(reader)).toMatchObject({ outcome: "gone" });
  });

  it("sweeps again when the halt begins while it sweeps, so that it knows what the halt cut off", async () => {
    const { store, clock } = await ground();
    await sweepOnce({ ...request, store });
    clock.now += 74 * MINUTE;
    const readers: Opening[] = [];
    const slow = faulty(store, {
      overdue: async (asOf, options) => {
        const found = await store.overdue(asOf, options);
        if (readers.length === 0) {
          clock.now += 30_000;
          readers.push(await opened(store));
          clock.now += 10 * MINUTE;
        }
        return found;
      },
    });
    expect(await sweepOnce({ ...request, store: slow })).toMatchObject({ outcome: "complete", removed: 0 });
    const [reader] = readers;
    if (!reader) throw new Error("nobody read");
    expect(await store.open(reader)).toMatchObject({ outcome: "opened", leaseEnds: clock.now + MINUTE });
  });
});
