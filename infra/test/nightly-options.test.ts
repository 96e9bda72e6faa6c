import { expect, test } from "vitest";
import { nightlyOptions } from "../src/nightly-options.ts";

const steps = ["fuzz", "chaos"];

test("runs every step with a fresh seed, unless told otherwise", () => {
  const { chosen, seed, minutes } = nightlyOptions([], steps);
  expect({ chosen, minutes }).toEqual({ chosen: [], minutes: 5 });
  expect(Number.isInteger(seed)).toBe(true);
});

test("repeats one step with the seed that was printed", () => {
  expect(nightlyOptions(["chaos", "--seed", "7", "--minutes", "0.5"], steps)).toEqual({
    chosen: ["chaos"],
    seed: 7,
    minutes: 0.5,
  });
});

test.each([
  [["chaso"], "Steps are fuzz, chaos."],
  [["--seed", "x"], "--seed"],
  [["--seed", "2147483648"], "--seed"],
  [["--minutes", "0"], "--minutes"],
  [["--hours", "1"], "--hours"],
])("refuses %j", (words, said) => {
  expect(() => nightlyOptions(words, steps)).toThrow(said);
});
