import { expect, test } from "vitest";
import { Recent } from "../../src/limits/recent.ts";

const HOUR = 3_600_000;

test("keeps an entry for its age after the last use", () => {
  const recent = new Recent<number>(10, HOUR);
  recent.at(0).set("a", 1);
  expect(recent.at(HOUR).get("a")).toBe(1);
  expect(recent.at(2 * HOUR).get("a")).toBe(1);
  recent.at(3 * HOUR);
  recent.at(4 * HOUR);
  expect(recent.get("a")).toBeUndefined();
});

test("a flood of entries is bounded, and the newest are known", () => {
  const recent = new Recent<number>(50_000, HOUR);
  for (let i = 0; i < 250_000; i++) recent.at(i / 1_000).set(`entry-${i}`, i);
  expect(recent.size).toBeLessThanOrEqual(100_000);
  expect(recent.get("entry-249999")).toBe(249_999);
  expect(recent.get("entry-0")).toBeUndefined();
});

test("old entries are forgotten while others come", () => {
  const recent = new Recent<number>(50_000, HOUR);
  for (let hour = 0; hour < 3; hour++)
    for (let i = 0; i < 1_000; i++) recent.at(hour * HOUR).set(`hour-${hour}-${i}`, i);
  expect(recent.size).toBeLessThanOrEqual(2_000);
});

test("never drops what stays", () => {
  const recent = new Recent<{ inUse: boolean }>(10, HOUR, ({ inUse }) => inUse);
  const [used, idle] = [{ inUse: true }, { inUse: false }];
  recent.at(0).set("used", used);
  recent.set("idle", idle);
  for (let hour = 1; hour < 5; hour++) recent.at(hour * HOUR);
  expect([recent.get("used"), recent.get("idle")]).toEqual([used, undefined]);
});
