import fc from "fast-check";
import { expect, test } from "vitest";
import { type FileMeta, randomBytes, type SecretMeta } from "../src/index.ts";
import { decodeMeta, encodeMeta } from "../src/meta.ts";
import { unknownContent, unknownMetas } from "../vectors/unknown-metas.ts";
import { refusal } from "./refusal.ts";

const files: fc.Arbitrary<FileMeta[]> = fc.array(
  fc.record({
    name: fc
      .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
      .filter((name) => !/^\.{1,2}$|[/\\\p{Cc}]/u.test(name)),
    type: fc.constantFrom("", "text/plain", "application/octet-stream"),
    size: fc.nat(),
  }),
  { minLength: 1, maxLength: 20 },
);

test("reads back what it wrote", () => {
  fc.assert(
    fc.property(files, (list) => {
      const meta: SecretMeta = { kind: "files", files: list };
      const contentLength = list.reduce((sum, file) => sum + file.size, 0);
      expect(decodeMeta(encodeMeta(meta, contentLength), contentLength)).toEqual(meta);
    }),
  );
  for (const kind of ["text", "login", "contact"] as const) {
    expect(decodeMeta(encodeMeta({ kind }, 17), 17)).toEqual({ kind });
  }
});

test.each(unknownMetas.map(({ name, meta }) => [name, meta] as const))(
  "does not know the kind of a meta with this fault: %s",
  (_, meta) => {
    expect(decodeMeta(meta, unknownContent.length)).toEqual({ kind: "unknown" });
  },
);

test("does not know the kind of random bytes", () => {
  for (let run = 0; run < 200; run++) expect(decodeMeta(randomBytes(30), 17)).toEqual({ kind: "unknown" });
});

test("refuses to write what it would not know", () => {
  const file = { name: "a", type: "", size: 1 };
  const faults: SecretMeta[] = [
    { kind: "image" as never },
    { kind: "unknown" as never },
    { kind: "files" },
    { kind: "files", files: [] },
    { kind: "text", files: [file] },
    { kind: "files", files: [{ ...file, name: "../a" }] },
    { kind: "files", files: [{ ...file, name: "\ud83e" }] },
    { kind: "files", files: [{ ...file, name: "\u00e9".repeat(128) }] },
    { kind: "files", files: [{ ...file, type: "a\n" }] },
    { kind: "files", files: [{ ...file, size: 1.5 }] },
  ];
  for (const meta of faults) expect(refusal(() => encodeMeta(meta, 1))).toBe("meta");
});

test("refuses sizes that are not the content's", () => {
  const meta: SecretMeta = { kind: "files", files: [{ name: "a", type: "", size: 1 }] };
  expect(refusal(() => encodeMeta(meta, 2))).toBe("content_length");
  for (const length of [-1, 0.5, Number.NaN]) {
    expect(refusal(() => encodeMeta({ kind: "text" }, length))).toBe("content_length");
  }
});

test("holds as many names as fit the first chunk, and no more", () => {
  const many = (count: number): SecretMeta => ({
    kind: "files",
    files: Array.from({ length: count }, () => ({ name: "n".repeat(255), type: "", size: 0 })),
  });
  expect(encodeMeta(many(220), 0).length).toBeLessThanOrEqual(65_524);
  expect(refusal(() => encodeMeta(many(250), 0))).toBe("meta");
});
