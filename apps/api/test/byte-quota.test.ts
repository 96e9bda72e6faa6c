import { expect, test } from "vitest";
import { quotaBytes } from "../src/byte-quota.ts";

test.each([
  ["an eighth of the store", 800, 50, 100],
  ["the largest envelope, where that is more", 800, 300, 300],
  ["half the store at most", 800, 700, 400],
])("is %s", (_what, capacity, envelope, quota) => {
  expect(quotaBytes(capacity, envelope)).toBe(quota);
});
