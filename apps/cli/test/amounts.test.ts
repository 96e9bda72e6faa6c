import { expect, test } from "vitest";
import { secondsOf, size, span } from "../src/amounts.ts";

test.each([
  ["300s", 300],
  ["5m", 300],
  ["1h", 3600],
  ["7d", 604_800],
  ["2w", 1_209_600],
])("%s is %i seconds", (text, seconds) => {
  expect(secondsOf(text)).toBe(seconds);
});

test.each(["", "5", "m", "1.5h", "-1h", "1 h", "5M", "5mm", "1?"])("%j is no length of time", (text) => {
  expect(secondsOf(text)).toBeNull();
});

test.each([
  [300, "5 minutes"],
  [3600, "1 hour"],
  [5400, "90 minutes"],
  [604_800, "7 days"],
  [61, "61 seconds"],
])("%i seconds are called %s", (seconds, words) => {
  expect(span(seconds)).toBe(words);
});

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [1001, "2 kB"],
  [2_000_000, "2.0 MB"],
])("%i bytes are called %s", (bytes, words) => {
  expect(size(bytes)).toBe(words);
});
