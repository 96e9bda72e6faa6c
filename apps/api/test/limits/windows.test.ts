import { expect, test } from "vitest";
import { Windows } from "../../src/limits/windows.ts";

const MINUTE = 60_000;

test("a window starts when it is begun and ends with its time", () => {
  const windows = new Windows(MINUTE);
  const window = windows.begin("a", 1_000);
  expect(windows.running("a", 1_000 + MINUTE - 1)).toBe(window);
  expect(windows.running("a", 1_000 + MINUTE)).toBeUndefined();
  expect(windows.running("b", 1_000)).toBeUndefined();
});

test("a flood of buckets is bounded, and the newest are known", () => {
  const windows = new Windows(MINUTE);
  for (let i = 0; i < 250_000; i++) windows.begin(`bucket-${i}`, i / 1_000);
  expect(windows.size).toBeLessThanOrEqual(100_000);
  expect(windows.running("bucket-249999", 250)).toBeDefined();
  expect(windows.running("bucket-0", 250)).toBeUndefined();
});

test("windows that have ended are forgotten while others come", () => {
  const windows = new Windows(MINUTE);
  for (let i = 0; i < 1_000; i++) windows.begin(`old-${i}`, 0);
  for (let i = 0; i < 1_000; i++) windows.begin(`new-${i}`, MINUTE);
  expect(windows.size).toBeLessThanOrEqual(2_000);
  for (let i = 0; i < 1_000; i++) windows.begin(`newer-${i}`, 2 * MINUTE);
  expect(windows.size).toBeLessThanOrEqual(2_000);
});
