import { expect, it } from "vitest";
import { BackOff } from "../src/back-off.ts";

it("doubles from one second to half a minute, and begins anew after a program was well", () => {
  const backOff = new BackOff();
  const delays = Array.from({ length: 7 }, () => backOff.after(10));
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(backOff.after(59_999)).toBe(30_000);
  expect(backOff.after(60_000)).toBe(1_000);
  expect(backOff.after(10)).toBe(2_000);
});
