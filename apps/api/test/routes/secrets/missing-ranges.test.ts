import { MISSING_RANGES_MAX, PARTS_MAX } from "@mayfly/wire";
import { expect, test } from "vitest";
import { missingRanges } from "../../../src/routes/secrets/missing-ranges.ts";

const range = (first: number, last: number) => [first, last];

test.each([
  [[0], [range(0, 0)]],
  [[0, 1, 2], [range(0, 2)]],
  [
    [0, 2, 3, 7],
    [range(0, 0), range(2, 3), range(7, 7)],
  ],
])("names the runs of %j", (parts, ranges) => {
  expect(missingRanges(parts)).toEqual(ranges);
});

test("stays far below what a client reads, also with every second part of the longest envelope missing", () => {
  const everySecond = Array.from({ length: PARTS_MAX / 2 }, (_, index) => PARTS_MAX - 16_384 + 2 * index);
  const ranges = missingRanges(everySecond);
  expect(ranges).toHaveLength(MISSING_RANGES_MAX);
  expect(ranges.at(-1)).toEqual([1998, 1998]);
  expect(JSON.stringify({ state: "reserved", missing: ranges }).length).toBeLessThan(16 * 1024);
});

test("names a last run to its end", () => {
  const ranges = missingRanges(Array.from({ length: 3000 }, (_, part) => part + Math.floor(part / 3)));
  expect(ranges.at(-1)).toEqual([3996, 3998]);
});
