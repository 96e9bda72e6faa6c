import { expect, it } from "vitest";
import { retryDelay } from "../src/schedule.ts";

it("waits a minute after the first failure, and twice as long after each further one, up to a quarter of an hour", () => {
  expect([1, 2, 3, 4, 5, 6, 100, 2_000].map(retryDelay).map((ms) => ms / 60_000)).toEqual([
    1, 2, 4, 8, 15, 15, 15, 15,
  ]);
});
