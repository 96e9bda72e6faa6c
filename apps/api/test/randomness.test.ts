import { expect, test } from "vitest";
import { randomBytes } from "../src/randomness.ts";

test("gives out bytes once, of every length, across what is drawn at a time", () => {
  const given = Array.from({ length: 2_000 }, () => randomBytes(16));
  const texts = new Set(given.map((bytes) => Buffer.from(bytes).toString("hex")));
  expect(texts.size).toBe(2_000);
  expect(texts.has("0".repeat(32))).toBe(false);
  for (const length of [0, 1, 4_095, 4_096, 10_000]) expect(randomBytes(length).length).toBe(length);
});

test("changes nothing that was given out before", () => {
  const first = randomBytes(32);
  const copy = Uint8Array.from(first);
  for (let drawn = 0; drawn < 10_000; drawn += 16) randomBytes(16);
  expect(first).toEqual(copy);
});
