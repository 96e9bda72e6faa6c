import { expect, it } from "vitest";
import { countVectors } from "../src/verifier.ts";

it("reads the second implementation's last line", () => {
  expect(countVectors("envelopes\n12 passed, 0 failed\n", 0)).toEqual({ passed: 12, failed: 0 });
  expect(countVectors("11 passed, 1 failed\n", 1)).toEqual({ passed: 11, failed: 1 });
});

it.each([
  ["that says nothing", "", 0],
  ["that ends otherwise", "12 passed, 0 failed\nTraceback\n", 1],
  ["that counted nothing", "0 passed, 0 failed\n", 0],
  ["that fails and counts no failure", "12 passed, 0 failed\n", 1],
  ["that succeeds and counts a failure", "11 passed, 1 failed\n", 0],
  ["that was killed", "12 passed, 0 failed\n", null],
])("takes a verifier %s for a failure", (_what, output, code) => {
  expect(countVectors(output, code).failed).toBeGreaterThan(0);
});
