import fc from "fast-check";
import { expect, test } from "vitest";
import { paddedLength, payloadLength, sealedLength } from "../src/padding.ts";
import { refusal } from "./refusal.ts";

const lengths = fc.oneof(fc.nat(300_000), fc.integer({ min: 0, max: 2 ** 48 }));

test("adds at most twelve percent above the smallest payload, and never takes away", () => {
  fc.assert(
    fc.property(lengths, (length) => {
      const padded = paddedLength(length);
      expect(padded).toBeGreaterThanOrEqual(Math.max(length, 256));
      if (length > 256) expect(padded / length).toBeLessThan(1.12);
    }),
  );
});

test("leaves a padded length as it is", () => {
  fc.assert(fc.property(lengths, (length) => paddedLength(paddedLength(length)) === paddedLength(length)));
});

test.each([
  [0, 256],
  [256, 256],
  [257, 272],
  [1_000, 1_024],
  [65_537, 67_584],
  [100_000, 100_352],
  [2 ** 40 + 1, 2 ** 40 + 2 ** 34],
])("pads %i to %i", (length, padded) => {
  expect(paddedLength(length)).toBe(padded);
});

test("finds the payload's length in the envelope's, and refuses every length between two right ones", () => {
  const right = new Set<number>();
  for (let length = 0; length < 3_000; length++) right.add(sealedLength(paddedLength(length)));
  for (let length = 0; length < 3_000; length++) {
    const reason = refusal(() => payloadLength(length));
    expect(reason).toBe(right.has(length) ? undefined : "length");
    if (!reason) expect(sealedLength(payloadLength(length))).toBe(length);
  }
});

test.each([-1, 0, 61, 62, 333, Number.NaN, Number.POSITIVE_INFINITY, 334.5, 2 ** 53, 1e300])(
  "refuses an envelope of %d bytes at once",
  (length) => {
    expect(refusal(() => payloadLength(length))).toBe("length");
  },
);

test.each([-1, 0.5, Number.NaN, 2 ** 48 + 1])("refuses to pad %d bytes", (length) => {
  expect(refusal(() => paddedLength(length))).toBe("content_length");
});
