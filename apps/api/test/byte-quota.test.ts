import { expect, test } from "vitest";
import { ByteQuota, quotaBytes } from "../src/byte-quota.ts";

const HOUR = 3_600_000;

test("gives each client its own bytes, and says when they are there again", () => {
  let now = 0;
  const quota = new ByteQuota(100, () => now);
  expect(quota.take("a", 60)).toBeNull();
  now += 1_000;
  expect(quota.take("a", 60)).toBe(HOUR - 1_000);
  expect(quota.take("b", 100)).toBeNull();
  now = HOUR;
  expect(quota.take("a", 100)).toBeNull();
});

test("takes nothing for what does not fit, so that less still does", () => {
  const quota = new ByteQuota(100, () => 0);
  expect(quota.take("a", 101)).toBe(HOUR);
  expect(quota.take("a", 70)).toBeNull();
  expect(quota.take("a", 31)).toBe(HOUR);
  expect(quota.take("a", 30)).toBeNull();
});

test("has again what is given back", () => {
  const quota = new ByteQuota(100, () => 0);
  expect(quota.take("a", 100)).toBeNull();
  quota.giveBack("a", 100);
  quota.giveBack("b", 100);
  expect(quota.take("a", 100)).toBeNull();
  expect(quota.take("b", 101)).toBe(HOUR);
});

test("forgets the oldest of more senders than it can remember, and them alone", () => {
  const quota = new ByteQuota(1, () => 0);
  for (let sender = 0; sender < 50_000; sender++) expect(quota.take(String(sender), 1)).toBeNull();
  expect(quota.take("one more", 1)).toBeNull();
  expect(quota.take("49999", 1)).toBe(HOUR);
  expect(quota.take("0", 1)).toBeNull();
});

test.each([
  ["an eighth of the store", 800, 50, 100],
  ["the largest envelope, where that is more", 800, 300, 300],
  ["half the store at most", 800, 700, 400],
])("is %s", (_what, capacity, envelope, quota) => {
  expect(quotaBytes(capacity, envelope)).toBe(quota);
});
