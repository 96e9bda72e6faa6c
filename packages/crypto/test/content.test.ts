import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8 } from "../src/bytes.ts";
import { decodeFields, decodeText, encodeFields, encodeText } from "../src/index.ts";
import { refusal } from "./refusal.ts";

const wellFormed = fc.string({ unit: "binary" });
const names = fc.stringMatching(/^[a-z][A-Za-z]{0,31}$/);

test("gives back every text as it was typed", () => {
  fc.assert(fc.property(wellFormed, (text) => decodeText(encodeText(text)) === text));
  expect(decodeText(encodeText("\ufeffa\r\n\u0000"))).toBe("\ufeffa\r\n\u0000");
});

test("refuses an unpaired surrogate, and bytes that are not UTF-8", () => {
  expect(refusal(() => encodeText("a\ud83e"))).toBe("text");
  for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    expect(refusal(() => decodeText(Uint8Array.from(bytes)))).toBe("text");
  }
});

test("gives back named fields in their order", () => {
  fc.assert(
    fc.property(fc.dictionary(names, wellFormed), (fields) => {
      const back = decodeFields(encodeFields(fields));
      expect(Object.entries(back)).toEqual(Object.entries(fields));
    }),
  );
});

test.each([
  ["a name with a digit", '{"a1":""}'],
  ["an empty name", '{"":""}'],
  ["a name that starts large", '{"Name":""}'],
  ["a name of 33", `{"${"a".repeat(33)}":""}`],
  ["the prototype", '{"__proto__":""}'],
  ["a number", '{"a":1}'],
  ["null", "null"],
  ["a nested object", '{"a":{}}'],
  ["an array", '["a"]'],
  ["an empty array", "[]"],
  ["a text", '"a"'],
  ["a field twice", '{"a":"","a":""}'],
  ["blanks", '{"a": ""}'],
  ["a needless escape", '{"a":"\\u0061"}'],
  ["half a surrogate pair", '{"a":"\\ud83e"}'],
  ["no JSON", "{"],
  ["nothing", ""],
])("refuses %s among named fields", (_, text) => {
  expect(refusal(() => decodeFields(utf8(text)))).toBe("fields");
});

test("refuses to write fields that it would not read", () => {
  expect(refusal(() => encodeFields({ "two words": "" }))).toBe("fields");
  expect(refusal(() => encodeFields({ a: "\udd8b" }))).toBe("fields");
  expect(refusal(() => encodeFields({ a: 1 } as never))).toBe("fields");
});
