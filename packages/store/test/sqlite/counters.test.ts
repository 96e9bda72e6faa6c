import { expect, test } from "vitest";
import { Counters } from "../../src/sqlite/counters.ts";

function prepare() {
  const clock = { now: Date.parse("2027-01-01T12:00:00Z") };
  return { clock, counters: new Counters(() => clock.now) };
}

test("a window starts with its first event and ends with its time", () => {
  const { clock, counters } = prepare();
  expect(counters.count("a", 60_000)).toEqual({ count: 1, resetMs: 60_000 });
  clock.now += 59_999;
  expect(counters.count("a", 60_000)).toEqual({ count: 2, resetMs: 1 });
  clock.now += 1;
  expect(counters.count("a", 60_000)).toEqual({ count: 1, resetMs: 60_000 });
});

test("a clock set back does not keep a window closed", () => {
  const { clock, counters } = prepare();
  counters.count("a", 60_000);
  clock.now -= 3_600_000;
  expect(counters.count("a", 60_000)).toEqual({ count: 1, resetMs: 60_000 });
});

test("a flood of buckets is bounded, and the newest are counted right", () => {
  const { counters } = prepare();
  for (let i = 0; i < 250_000; i++) counters.count(`bucket-${i}`, 60_000);
  expect(counters.size).toBeLessThanOrEqual(100_000);
  expect(counters.count("bucket-249999", 60_000).count).toBe(2);
  expect(counters.count("bucket-0", 60_000).count).toBe(1);
});

test("a flood of spenders is bounded, and leaves the events alone", () => {
  const { counters } = prepare();
  counters.count("a", 60_000);
  for (let i = 0; i < 250_000; i++) counters.spend(`client-${i}`, 3_600_000, 1, 1);
  expect(counters.size).toBeLessThanOrEqual(100_001);
  expect(counters.spend("client-249999", 3_600_000, 1, 1)).toMatchObject({ outcome: "exceeded" });
  expect(counters.spend("client-0", 3_600_000, 1, 1)).toEqual({ outcome: "spent" });
  expect(counters.count("a", 60_000).count).toBe(2);
});

test("a clock set back does not keep anything spent", () => {
  const { clock, counters } = prepare();
  counters.spend("a", 60_000, 1, 1);
  clock.now -= 3_600_000;
  expect(counters.spend("a", 60_000, 1, 1)).toEqual({ outcome: "spent" });
});

test("windows that have ended are forgotten while others come", () => {
  const { clock, counters } = prepare();
  for (let i = 0; i < 1_000; i++) counters.count(`old-${i}`, 60_000);
  clock.now += 60_000;
  for (let i = 0; i < 1_000; i++) counters.count(`new-${i}`, 60_000);
  expect(counters.size).toBeLessThanOrEqual(1_000);
});

test("the key is another one the next day", () => {
  const { clock, counters } = prepare();
  const key = counters.key();
  clock.now += 11 * 3_600_000;
  expect(counters.key()).toEqual(key);
  clock.now += 3_600_000;
  expect(counters.key()).not.toEqual(key);
});
