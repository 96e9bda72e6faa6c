import fc from "fast-check";
import { expect, test } from "vitest";
import { createOpener, deriveKeys, type SecretMeta, seal } from "../src/index.ts";
import { refusal } from "./refusal.ts";
import { seeded } from "./seeded.ts";

const random = seeded(10);
const keys = deriveKeys(random.bytes(32));
const meta: SecretMeta = { kind: "files", files: [{ name: "a.bin", type: "", size: 150_000 }] };
const content = random.bytes(150_000);
const envelope = seal({ meta, content }, keys);

test("gives the same content however the envelope is cut into parts", () => {
  const parts = fc.array(fc.constantFrom(0, 1, 61, 62, 977, 65_551, 65_552, 65_553, 131_166), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(parts, (sizes) => {
      const opener = createOpener(keys, envelope.length);
      const pieces: Uint8Array[] = [];
      let at = 0;
      for (const size of [...sizes, envelope.length]) {
        const part = envelope.slice(at, at + size);
        pieces.push(...opener.push(part));
        part.fill(0);
        at = Math.min(at + size, envelope.length);
      }
      expect(opener.finish()).toEqual(meta);
      return Buffer.compare(Buffer.concat(pieces), content) === 0;
    }),
    { numRuns: 20 },
  );
});

test("knows what the content is as soon as the first chunk has verified, and not before", () => {
  const opener = createOpener(keys, envelope.length);
  expect(opener.push(envelope.subarray(0, 62 + 65_551))).toEqual([]);
  expect([opener.meta, opener.contentLength]).toEqual([undefined, undefined]);
  expect(opener.push(envelope.subarray(62 + 65_551, 62 + 65_552))).toHaveLength(1);
  expect([opener.meta, opener.contentLength]).toEqual([meta, 150_000]);
});

test("gives the chunks before a changed one, nothing of it or after it, and never finishes", () => {
  const changed = envelope.slice();
  changed[62 + 65_552 + 100] = (changed[62 + 65_552 + 100] as number) ^ 1;
  const opener = createOpener(keys, changed.length);
  const first = opener.push(changed.subarray(0, 62 + 65_552));
  expect(Buffer.compare(Buffer.concat(first), content.subarray(0, first[0]?.length))).toBe(0);
  expect(refusal(() => opener.push(changed.subarray(62 + 65_552)))).toBe("chunk");
  expect(refusal(() => opener.push(envelope.subarray(62 + 65_552)))).toBe("closed");
  expect(refusal(() => opener.finish())).toBe("closed");
});

test.each([0, 61, 62, 65_614, 65_615, -1])("does not finish with %i bytes of the envelope", (cut) => {
  const opener = createOpener(keys, envelope.length);
  opener.push(envelope.subarray(0, cut < 0 ? envelope.length + cut : cut));
  expect(refusal(() => opener.finish())).toBe("truncated");
});

test("refuses bytes after the end", () => {
  const opener = createOpener(keys, envelope.length);
  opener.push(envelope);
  expect(refusal(() => opener.push(new Uint8Array(1)))).toBe("trailing");
  const at = createOpener(keys, envelope.length);
  expect(refusal(() => at.push(Buffer.concat([envelope, new Uint8Array(1)])))).toBe("trailing");
});

test.each([0, 333, 335, 1e15, Number.NaN, -5])(
  "refuses a hostile length of %d before anything else",
  (length) => {
    expect(refusal(() => createOpener(keys, length))).toBe("length");
  },
);

test("refuses a length that is another envelope's", () => {
  const longer = seal({ meta: { kind: "text" }, content: random.bytes(190_000) }, keys).length;
  const opener = createOpener(keys, longer);
  expect(refusal(() => opener.push(envelope))).toBe("inner_length");
});
