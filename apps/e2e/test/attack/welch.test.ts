import { hash } from "node:crypto";
import { expect, test } from "vitest";
import { compare, T_MAX } from "./welch.ts";

/**
 * 10,000 sums of twelve bytes, which are about normal: mean 1,530 and standard deviation 256, moved by `shift`.
 * The same for the same name.
 */
const samples = (name: string, shift: number) =>
  Array.from({ length: 10_000 }, (_, number) =>
    hash("sha256", `${name} ${number}`, "buffer")
      .subarray(0, 12)
      .reduce((sum, byte) => sum + byte, shift),
  );

test("finds two classes alike that are, and tells those that are a fifth of their deviation apart", () => {
  expect(Math.abs(compare(samples("one", 0), samples("other", 0), 1).t)).toBeLessThan(T_MAX);
  const apart = compare(samples("one", 0), samples("other", 50), 1);
  expect(apart.t).toBeLessThan(-T_MAX);
  expect(apart.visible).toBeLessThan(Math.abs(apart.difference));
});

test("knows the textbook's value", () => {
  // Means 3 and 5, variances 2.5 and 10, five of each: (3 − 5) / √(0.5 + 2).
  expect(compare([1, 2, 3, 4, 5], [1, 3, 5, 7, 9], 1).t).toBeCloseTo(-2 / Math.sqrt(2.5));
});

test("leaves out of both what lies above the quantile of all", () => {
  expect(compare([1, 2, 3, 100], [2, 3, 4, 200], 0.75).difference).toBeCloseTo(2 - 3);
});
