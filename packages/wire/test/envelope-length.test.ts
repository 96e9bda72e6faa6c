import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ENVELOPE_BYTES, ENVELOPE_MAGIC, isEnvelopeLength, MIN_ENVELOPE_BYTES } from "../src/index.ts";

/** Padmé by its definition, on the binary digits: those below the kept ones become zeros, rounding up. */
function slowPadded(length: number): number {
  const digits = length.toString(2);
  const exponent = digits.length - 1;
  const kept = exponent.toString(2).length;
  const low = Math.max(0, exponent - kept);
  const high = BigInt(`0b${digits.slice(0, digits.length - low)}`);
  const exact = !digits.slice(digits.length - low).includes("1");
  const rounded = Number((exact ? high : high + 1n) << BigInt(low));
  return Math.max(256, rounded);
}

/** The length of the envelope around a padded payload: header, commitment, and chunks of 64 KiB with a tag each. */
function sealed(payload: number): number {
  let bytes = 30 + 32;
  for (let left = payload; left > 0; left -= 65_536) bytes += Math.min(left, 65_536) + 16;
  return bytes;
}

const largest = 2 ** 30;

describe("isEnvelopeLength", () => {
  it("agrees with a slow Padmé at every length up to 600,000", () => {
    const top = 600_000;
    const lengths = new Set<number>();
    for (let length = 1; length <= top; length++) lengths.add(sealed(slowPadded(length)));
    const wrong = [];
    for (let bytes = 0; bytes <= top; bytes++)
      if (isEnvelopeLength(bytes) !== lengths.has(bytes)) wrong.push(bytes);
    expect(wrong).toEqual([]);
  });

  it("takes the envelope of any payload, padded, and not one byte more or less", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: largest }), (length) => {
        const bytes = sealed(slowPadded(length));
        expect([bytes - 1, bytes, bytes + 1].map(isEnvelopeLength)).toEqual([false, true, false]);
      }),
    );
  });

  it("finds the padding of a padded length to be itself", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: largest }), (length) => {
        const padded = slowPadded(length);
        expect(slowPadded(padded)).toBe(padded);
        expect(padded).toBeGreaterThanOrEqual(length);
        // The paper's bound: at most 12 % is added, above the smallest payload.
        if (length >= 256) expect(padded).toBeLessThanOrEqual(length * 1.12);
      }),
    );
  });

  it("refuses a length that is only padded before sealing", () => {
    fc.assert(
      fc.property(fc.integer({ min: 257, max: largest }), (length) => {
        const payload = slowPadded(length);
        fc.pre(slowPadded(length) !== length);
        expect(isEnvelopeLength(sealed(payload) - (payload - length))).toBe(false);
      }),
    );
  });

  it.each([1, 2, 3, 4, 8, 16, 1024])("takes %i full chunks, and no empty chunk after them", (chunks) => {
    const full = sealed(chunks * 65_536);
    expect([full - 1, full, full + 1, full + 16].map(isEnvelopeLength)).toEqual([false, true, false, false]);
  });

  it("begins at the smallest payload", () => {
    expect(MIN_ENVELOPE_BYTES).toBe(334);
    expect([318, 333, 334, 335].map(isEnvelopeLength)).toEqual([false, false, true, false]);
  });

  it("has a longest one below the protocol's ceiling", () => {
    expect(isEnvelopeLength(1_057_222_718)).toBe(true);
    expect(1_057_222_718).toBeLessThanOrEqual(ENVELOPE_BYTES.max);
    expect(sealed(slowPadded(1_056_964_609))).toBeGreaterThan(ENVELOPE_BYTES.max);
  });

  it.each([0, -1, -334, 334.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 1e21])(
    "refuses %d",
    (bytes) => {
      expect(isEnvelopeLength(bytes)).toBe(false);
    },
  );

  it("knows the first bytes of an envelope", () => {
    expect([...ENVELOPE_MAGIC]).toEqual([77, 70, 76, 89, 1]);
  });
});
