import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeLinkCode, readLink } from "../src/index.ts";
import { refusal } from "./refusal.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const codes = fc
  .record({
    kind: fc.constant("link" as const),
    hasPassphrase: fc.boolean(),
    id: bytes(16),
    secret: bytes(32),
  })
  .map(encodeLinkCode);

test("takes a clean link as it is", () => {
  fc.assert(
    fc.property(codes, (code) => {
      const { code: found, ...rest } = readLink(`https://example.org/s#${code}`);
      expect(encodeLinkCode(found)).toBe(code);
      expect(rest).toEqual({ repaired: false, sawServer: false });
    }),
  );
});

test("finds a link wrapped anywhere, in brackets, with punctuation behind it", () => {
  const tails = fc.constantFrom("", ".", ",", ")", ">", "!", "\u00a0", "\u200b");
  const breaks = fc.constantFrom(" ", "\n", "\r\n", "\t", "\u200b", "\u00ad");
  fc.assert(
    fc.property(codes, fc.nat(71), breaks, tails, (code, at, gap, tail) => {
      const pasted = `<https://example.org/s#${code.slice(0, at)}${gap}${code.slice(at)}${tail}`;
      const { code: found, repaired, sawServer } = readLink(pasted);
      expect(encodeLinkCode(found)).toBe(code);
      expect({ repaired, sawServer }).toEqual({ repaired: true, sawServer: false });
    }),
  );
});

test("finds nothing in other text, or says that it is damaged, but throws nothing else", () => {
  const texts = fc.string({ unit: fc.constantFrom(..."EAz09-_#%23/?. \n<"), maxLength: 200 });
  fc.assert(
    fc.property(texts, (text) => {
      expect(refusal(() => readLink(text))).toMatch(/^link_/);
    }),
    { numRuns: 1_000 },
  );
});

test("answers quickly to a hostile paste", () => {
  const before = process.threadCpuUsage();
  for (const hostile of ["#", "%25", "#E", " ", `${"A".repeat(71)} `]) {
    expect(refusal(() => readLink(hostile.repeat(20_000)))).toMatch(/^link_/);
  }
  // Time on the processor: a busy machine adds nothing to it.
  const { user, system } = process.threadCpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(5_000);
});
