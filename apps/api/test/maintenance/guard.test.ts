import { type Heartbeat, type HeartbeatView, StoreUnavailable } from "@mayfly/store";
import { beforeEach, expect, test } from "vitest";
import { Guard } from "../../src/maintenance/guard.ts";

const MAX_AGE_MS = 75 * 60_000;
const START = Date.UTC(2026, 0, 1);

let monotonic: number;
let wall: number;
let storeNow: number;
let clockBehindMs: number;
let view: (() => HeartbeatView) | null;
let guard: Guard;

const beat = (over: Partial<Heartbeat> = {}): Heartbeat => ({
  storeId: "store-1",
  sequence: 1,
  startedAt: START,
  finishedAt: START + 1000,
  removed: { expired: 0, leases: 0, reservations: 0, tombstones: 0, orphans: 0 },
  worker: "worker-1",
  ...over,
});

/** What the store answers from now on, at the time it is asked. */
function record(heartbeat: Heartbeat | null, storeId = "store-1"): void {
  view = () => ({ storeId, now: storeNow, clockBehindMs, age: 7, heartbeat });
}

function pass(ms: number): void {
  monotonic += ms;
  wall += ms;
  storeNow += ms;
}

const newGuard = () =>
  new Guard({
    clock: { monotonic: () => monotonic, wall: () => wall },
    maxAgeMs: MAX_AGE_MS,
    store: {
      heartbeat: async () => {
        if (view === null) throw new Error("unreadable");
        return view();
      },
    },
  });

beforeEach(() => {
  [monotonic, wall, storeNow, clockBehindMs] = [5000, START, START, 0];
  record(beat());
  guard = newGuard();
});

test("is halted until it has looked", async () => {
  expect(guard.halted).toBe("starting");
  await guard.look();
  expect(guard.halted).toBeNull();
});

test("is halted while the store is one that was put back, whatever its heartbeat, and goes on when it is not", async () => {
  await guard.look();
  view = () => {
    throw new StoreUnavailable("rolled_back");
  };
  await guard.look();
  expect(guard.halted).toBe("rolled_back");
  record(beat({ sequence: 2 }));
  await guard.look();
  expect(guard.halted).toBeNull();
});

test("is halted without any heartbeat, and opened by the first one", async () => {
  record(null);
  await guard.look();
  expect(guard.halted).toBe("missing");
  record(beat());
  await guard.look();
  expect(guard.halted).toBeNull();
});

test("halts in the very millisecond after the age is reached, without another look in between", async () => {
  await guard.look();
  pass(MAX_AGE_MS - 1000);
  await guard.look();
  pass(1000);
  expect(guard.halted).toBeNull();
  pass(1);
  expect(guard.halted).toBe("stale");
});

test("opens again with the next complete sweep, without a restart", async () => {
  await guard.look();
  pass(MAX_AGE_MS + 1);
  await guard.look();
  expect(guard.halted).toBe("stale");
  record(beat({ sequence: 2, startedAt: storeNow, finishedAt: storeNow }));
  await guard.look();
  expect(guard.halted).toBeNull();
});

test("grants no grace after a restart: the deadline is that of the heartbeat it finds", async () => {
  pass(MAX_AGE_MS - 10);
  await guard.look();
  expect(guard.halted).toBeNull();
  pass(11);
  expect(guard.halted).toBe("stale");
});

test("counts a sweep from its start, not from its end", async () => {
  pass(MAX_AGE_MS + 1);
  record(beat({ sequence: 9, startedAt: START, finishedAt: storeNow }));
  await guard.look();
  expect(guard.halted).toBe("stale");
});

test("halts when the store's time stands still and no sequence rises", async () => {
  await guard.look();
  monotonic += MAX_AGE_MS + 1;
  wall += MAX_AGE_MS + 1;
  await guard.look();
  expect(guard.halted).toBe("stale");
});

test("halts by the wall clock alone, when the machine slept and its monotonic clock stood still", async () => {
  await guard.look();
  wall += MAX_AGE_MS + 1;
  await guard.look();
  expect(guard.halted).toBe("stale");
});

test("halts by the monotonic clock alone, when the wall clock was set back", async () => {
  await guard.look();
  wall -= 24 * 3_600_000;
  monotonic += MAX_AGE_MS + 1;
  await guard.look();
  expect(guard.halted).toBe("stale");
});

test("halts at once when the heartbeat cannot be read, and opens when it can again", async () => {
  await guard.look();
  view = null;
  await guard.look();
  expect(guard.halted).toBe("unreadable");
  record(beat());
  await guard.look();
  expect(guard.halted).toBeNull();
});

test("does not believe a look older than five seconds", async () => {
  await guard.look();
  pass(5001);
  expect(guard.halted).toBe("unreadable");
});

test.each([
  ["started after now", { startedAt: START + 1, finishedAt: START + 1 }],
  ["finished more than five minutes ahead", { startedAt: START, finishedAt: START + 5 * 60_000 + 1 }],
])("halts on a heartbeat that %s", async (_what, over) => {
  record(beat(over));
  await guard.look();
  expect(guard.halted).toBe("future");
});

test("halts while the store's clock is behind its own time, which then stands still, and opens when it has caught up", async () => {
  clockBehindMs = 5001;
  await guard.look();
  expect(guard.halted).toBe("clock");
  clockBehindMs = 5000;
  await guard.look();
  expect(guard.halted).toBeNull();
});

test("halts on a heartbeat of another store", async () => {
  record(beat({ storeId: "store-2" }));
  await guard.look();
  expect(guard.halted).toBe("foreign");
});

test("after the store was exchanged, opens only when a sweep of the new one is seen to complete", async () => {
  await guard.look();
  record(beat({ storeId: "store-2", sequence: 7 }), "store-2");
  await guard.look();
  expect(guard.halted).toBe("foreign");
  await guard.look();
  expect(guard.halted).toBe("stale");
  record(beat({ storeId: "store-2", sequence: 8 }), "store-2");
  await guard.look();
  expect(guard.halted).toBeNull();
});

test("after a sequence that went back, opens only when it is seen to rise", async () => {
  record(beat({ sequence: 10 }));
  await guard.look();
  record(beat({ sequence: 9 }));
  await guard.look();
  expect(guard.halted).toBe("regressed");
  await guard.look();
  expect(guard.halted).toBe("stale");
  record(beat({ sequence: 10 }));
  await guard.look();
  expect(guard.halted).toBeNull();
});

test("stays halted after a heartbeat that vanished until the sequence rises", async () => {
  await guard.look();
  record(null);
  await guard.look();
  expect(guard.halted).toBe("missing");
  expect(guard.maintenance).toEqual({ lastSweepAt: null, nextSweepBy: null });
});

test("tells since when it holds, and when the next sweep is due", async () => {
  pass(1000);
  await guard.look();
  expect(guard.state()).toEqual({ halted: null, since: START + 1000 });
  expect(guard.maintenance).toEqual({ lastSweepAt: START, nextSweepBy: START + MAX_AGE_MS });
  pass(MAX_AGE_MS);
  expect(guard.state()).toMatchObject({ since: START + 1000 + MAX_AGE_MS });
});
