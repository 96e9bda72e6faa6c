import fc from "fast-check";
import { expect, test } from "vitest";
import { sealWhole } from "../src/envelope.ts";
import {
  createSealer,
  deriveKeys,
  envelopeLength,
  openEnvelope,
  type SecretMeta,
  seal,
} from "../src/index.ts";
import { createSealerWithNonce } from "../src/sealer.ts";
import { refusal } from "./refusal.ts";
import { seeded } from "./seeded.ts";

const random = seeded(9);
const keys = deriveKeys(random.bytes(32));
const text: SecretMeta = { kind: "text" };

test("gives the same envelope however the content is cut into parts", () => {
  const content = random.bytes(200_000);
  const nonce = random.bytes(24);
  const whole = sealWhole(createSealerWithNonce(text, content.length, keys, nonce), content);
  const parts = fc.array(fc.constantFrom(0, 1, 977, 65_535, 65_536, 65_537, 131_072), { maxLength: 30 });
  fc.assert(
    fc.property(parts, (sizes) => {
      const sealer = createSealerWithNonce(text, content.length, keys, nonce);
      const pieces: Uint8Array[] = [];
      let at = 0;
      for (const size of [...sizes, content.length]) {
        // The part is overwritten afterwards: nothing may hold on to it.
        const part = content.slice(at, at + size);
        pieces.push(...sealer.push(part));
        part.fill(0);
        at = Math.min(at + size, content.length);
      }
      pieces.push(...sealer.finish());
      return Buffer.compare(Buffer.concat(pieces), whole) === 0;
    }),
    { numRuns: 20 },
  );
});

test("seals exactly the announced number of bytes", () => {
  fc.assert(
    fc.property(fc.nat(140_000), (length) => {
      const envelope = seal({ meta: text, content: new Uint8Array(length) }, keys);
      return envelope.length === envelopeLength(length, text);
    }),
    { numRuns: 30 },
  );
});

test("gives the same envelope length to contents that pad alike", () => {
  expect(envelopeLength(0, text)).toBe(envelopeLength(200, text));
  expect(envelopeLength(100_000, text)).toBe(envelopeLength(100_300, text));
});

test("never uses a nonce or a key twice", () => {
  const content = new Uint8Array(5);
  const envelopes = Array.from({ length: 200 }, () => Buffer.from(seal({ meta: text, content }, keys)));
  expect(new Set(envelopes.map((envelope) => envelope.toString("hex", 6, 30))).size).toBe(200);
  expect(new Set(envelopes.map((envelope) => envelope.toString("hex", 30))).size).toBe(200);
});

test("refuses content longer or shorter than announced, and is closed afterwards", () => {
  const tooLong = createSealer(text, 3, keys);
  tooLong.push(new Uint8Array(2));
  expect(refusal(() => tooLong.push(new Uint8Array(2)))).toBe("content_length");
  expect(refusal(() => tooLong.push(new Uint8Array(1)))).toBe("closed");
  const tooShort = createSealer(text, 3, keys);
  tooShort.push(new Uint8Array(2));
  expect(refusal(() => tooShort.finish())).toBe("content_length");
  expect(refusal(() => tooShort.finish())).toBe("closed");
  const done = createSealer(text, 0, keys);
  done.finish();
  expect(refusal(() => done.push(new Uint8Array(0)))).toBe("closed");
});

test("refuses impossible lengths before it allocates", () => {
  for (const length of [-1, 0.5, Number.NaN, 2 ** 48, 2 ** 53]) {
    expect(refusal(() => createSealer(text, length, keys))).toBe("content_length");
    expect(refusal(() => envelopeLength(length, text))).toBe("content_length");
  }
});

test("opens what it sealed, with every kind of meta", () => {
  const metas: SecretMeta[] = [
    { kind: "text" },
    { kind: "login" },
    { kind: "contact" },
    {
      kind: "files",
      files: [
        { name: "a.txt", type: "text/plain", size: 9 },
        { name: "b", type: "", size: 1 },
      ],
    },
  ];
  for (const meta of metas) {
    const content = random.bytes(10);
    expect(openEnvelope(seal({ meta, content }, keys), keys)).toEqual({ meta, content });
  }
});
