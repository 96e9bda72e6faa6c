import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64url, encodeBase64url } from "../src/index.ts";
import { refusal } from "./refusal.ts";

test("writes what Node writes, and reads it back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      const text = encodeBase64url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64url"));
      expect(decodeBase64url(text)).toEqual(bytes);
    }),
  );
});

test("accepts exactly one text for each byte string", () => {
  const alphabet = "ABCghi019-_+/=. \n";
  const texts = fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 8 });
  fc.assert(
    fc.property(texts, (text) => {
      const reason = refusal(() => decodeBase64url(text));
      if (reason === undefined) expect(encodeBase64url(decodeBase64url(text))).toBe(text);
      else expect(reason).toBe("base64url");
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["loose tail bits behind one byte", "AB"],
  ["loose tail bits behind two bytes", "AAB"],
  ["a lone character", "A"],
  ["a lone fifth character", "AAAAA"],
  ["padding", "AA=="],
  ["a blank", "AA A"],
  ["a line end", "AAAA\n"],
  ["plus", "AA+A"],
  ["slash", "AA/A"],
  ["a letter beyond ASCII", "AAA\u0410"],
  ["a letter whose low byte is in the alphabet", "AAA\u0141"],
])("refuses %s", (_, text) => {
  expect(refusal(() => decodeBase64url(text))).toBe("base64url");
});

test("refuses a value that is not a string", () => {
  expect(refusal(() => decodeBase64url(undefined as unknown as string))).toBe("base64url");
});
