import { encodeFields, encodeText } from "@mayfly/crypto";
import { expect, test } from "vitest";
import { contentOf } from "../../src/open/content.ts";

const bytes = (...values: number[]) => new Uint8Array(values);

test("a text, fields and files are read as their kind wants it", () => {
  expect(contentOf({ meta: { kind: "text" }, content: encodeText("ä") })).toMatchObject({
    kind: "text",
    text: "ä",
  });
  const fields = { username: "ada" };
  expect(contentOf({ meta: { kind: "login" }, content: encodeFields(fields) })).toEqual({
    kind: "fields",
    fields,
  });
  const files = [
    { name: "a", type: "", size: 1 },
    { name: "a", type: "", size: 2 },
  ];
  expect(contentOf({ meta: { kind: "files", files }, content: bytes(1, 2, 3) })).toEqual({
    kind: "files",
    files: [
      { name: "a", bytes: bytes(1) },
      { name: "a", bytes: bytes(2, 3) },
    ],
  });
});

test("a secret of an unknown kind keeps its bytes, even where they are a text", () => {
  const content = encodeText("{}");
  expect(contentOf({ meta: { kind: "unknown" }, content })).toEqual({ kind: "unreadable", bytes: content });
});

test.each(["text", "login", "contact"] as const)("a %s that is none keeps its bytes", (kind) => {
  const content = bytes(0xff, 0xfe);
  expect(contentOf({ meta: { kind }, content })).toEqual({ kind: "unreadable", bytes: content });
});
