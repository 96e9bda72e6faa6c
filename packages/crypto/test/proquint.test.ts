import { expect, test } from "vitest";
import { proquint, suggestedBits, suggestPassphrase } from "../src/proquint.ts";

test("numbers are written as the published scheme says", () => {
  // 127.0.0.1 is lusab-babad (Wilkerson 2009).
  expect([proquint(0x7f00), proquint(0x0001)]).toEqual(["lusab", "babad"]);
  expect(proquint(0xffff)).toBe("zuzuz");
});

test("every number has a word of its own", () => {
  expect(new Set(Array.from({ length: 65_536 }, (_, value) => proquint(value))).size).toBe(65_536);
});

test("a suggestion has five words and the stated number of bits", () => {
  expect(suggestPassphrase()).toMatch(/^[a-z]{5}(-[a-z]{5}){4}$/);
  expect(suggestPassphrase()).not.toBe(suggestPassphrase());
  expect(suggestedBits).toBe(80);
});
