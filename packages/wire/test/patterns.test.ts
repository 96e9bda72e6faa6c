import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BASE64URL, BASE64URL_16_BYTES, BASE64URL_32_BYTES } from "../src/index.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Ajv compiles patterns with the u flag.
const patterns = [
  { name: "BASE64URL_16_BYTES", pattern: new RegExp(BASE64URL_16_BYTES, "u"), least: 16, most: 16 },
  { name: "BASE64URL_32_BYTES", pattern: new RegExp(BASE64URL_32_BYTES, "u"), least: 32, most: 32 },
  { name: "BASE64URL", pattern: new RegExp(BASE64URL, "u"), least: 0, most: 100 },
];

const encoded = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

describe.each(patterns)("$name", ({ pattern, least, most }) => {
  const bytes = fc.uint8Array({ minLength: least, maxLength: most });

  it("takes what encoding gives", () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(pattern.test(encoded(value))).toBe(true);
      }),
    );
  });

  it("takes exactly the last characters that leave no stray bits", () => {
    fc.assert(
      fc.property(bytes, (value) => {
        const text = encoded(value);
        fc.pre(text.length > 0);
        for (const last of ALPHABET) {
          const changed = text.slice(0, -1) + last;
          expect(pattern.test(changed)).toBe(encoded(Buffer.from(changed, "base64url")) === changed);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("refuses padding, blanks and line breaks at the end", () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom("=", "==", " ", "\n", "\r\n", "\u0000"), (value, tail) => {
        expect(pattern.test(encoded(value) + tail)).toBe(false);
        expect(pattern.test(tail + encoded(value))).toBe(false);
      }),
    );
  });

  it("refuses a character of another alphabet anywhere", () => {
    const stranger = fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 1 })
      .filter((c) => !ALPHABET.includes(c));
    fc.assert(
      fc.property(bytes, fc.nat(), stranger, (value, at, character) => {
        const text = encoded(value);
        fc.pre(text.length > 0);
        const place = at % text.length;
        expect(pattern.test(text.slice(0, place) + character + text.slice(place + 1))).toBe(false);
      }),
    );
  });
});

describe.each(patterns.slice(0, 2))("$name", ({ pattern, least }) => {
  it("refuses other lengths", () => {
    for (let length = 0; length < 70; length++) {
      expect(pattern.test(encoded(new Uint8Array(length)))).toBe(length === least);
    }
  });
});
