import { expect, test } from "vitest";
import { Windows } from "../../src/limits/windows.ts";

const MINUTE = 60_000;

test("a window starts when it is begun and ends with its time", () => {
  const windows = new Windows(MINUTE);
  const window = windows.begin("a", "read", 1_000);
  expect(windows.running("a", "read", 1_000 + MINUTE - 1)).toBe(window);
  expect(windows.running("a", "read", 1_000 + MINUTE)).toBeUndefined();
  expect(windows.running("b", "read", 1_000)).toBeUndefined();
});

test("a flood of buckets is bounded, and the newest are known", () => {
  const windows = new Windows(MINUTE);
  for (let i = 0; i < 250_000; i++) windows.begin(`bucket-${i}`, "read", i / 1_000);
  expect(windows.size).toBeLessThanOrEqual(100_000);
  expect(windows.running("bucket-249999", "read", 250)).toBeDefined();
  expect(windows.running("bucket-0", "read", 250)).toBeUndefined();
});

test("windows that have ended are forgotten while others come", () => {
  const windows = new Windows(MINUTE);
  for (let i = 0; i < 1_000; i++) windows.begin(`old-${i}`, "read", 0);
  for (let i = 0; i < 1_000; i++) windows.begin(`new-${i}`, "read", MINUTE);
  expect(windows.size).toBeLessThanOrEqual(2_000);
  for (let i = 0; i < 1_000; i++) windows.begin(`newer-${i}`, "read", 2 * MINUTE);
  expect(windows.size).toBeLessThanOrEqual(2_000);
});

test("the kinds of one client have windows of their own, which outlive a change of generation", () => {
  const windows = new Windows(MINUTE);
  const read = windows.begin("a", "read", MINUTE);
  windows.begin("other", "read", MINUTE + 1);
  const create = windows.begin("a", "create", 2 * MINUTE - 1);
  expect(create).not.toBe(read);
  expect(windows.running("a", "read", 2 * MINUTE - 1)).toBe(read);
  expect(windows.running("a", "create", 2 * MINUTE)).toBe(create);
  expect(windows.running("a", "read", 2 * MINUTE)).toBeUndefined();
  windows.begin("new", "read", 2 * MINUTE + 1);
  expect(windows.running("a", "create", 2 * MINUTE + 1)).toBe(create);
});

test("a flood of kinds and clients is bounded by the number of windows", () => {
  const windows = new Windows(MINUTE);
  for (let i = 0; i < 60_000; i++)
    for (const kind of ["create", "deposit", "read"]) windows.begin(`client-${i}`, kind, i / 1_000);
  expect(windows.size).toBeLessThanOrEqual(100_002);
});
