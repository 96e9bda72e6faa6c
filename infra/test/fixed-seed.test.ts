import fc from "fast-check";
import { expect, test } from "vitest";

test("properties draw the same examples in every run", () => {
  expect(fc.readConfigureGlobal()).toMatchObject({ seed: 1 });
  expect(fc.sample(fc.nat(), 20)).toEqual(fc.sample(fc.nat(), 20));
});
