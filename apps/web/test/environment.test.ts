import { expect, test } from "vitest";
import { unfitness } from "../src/environment.ts";

const fit = {
  isSecureContext: true,
  crypto: { getRandomValues: () => {} },
  AbortSignal: { any: () => {} },
  fetch: () => {},
};

test("a current browser in a secure context is fit", () => {
  expect(unfitness(fit)).toBeNull();
});

test.each([
  ["insecure", { ...fit, isSecureContext: false }],
  ["no_randomness", { ...fit, crypto: {} }],
  ["old_browser", { ...fit, AbortSignal: {} }],
  ["old_browser", { ...fit, fetch: undefined }],
])("%s is told before anybody types", (reason, scope) => {
  expect(unfitness(scope)).toBe(reason);
});
