import { expect, test } from "vitest";
import { TypedText } from "../../src/input/typed-text.ts";

function typing(until: "line" | "lines", ...inputs: string[]) {
  const typed = new TypedText(until);
  const keys = inputs.map((input) => typed.take(input));
  return { text: typed.text, end: keys.at(-1)?.end, echo: keys.map(({ echo }) => echo).join("") };
}

test.each([
  [["abc\r"], "abc"],
  [["ab", "\x7f\x7fc", "\n"], "c"],
  [["wrong\x15right\r"], "right"],
  [["ä𝄞\x7f\r"], "ä"],
  [["a\x1b[Db\x1bOPc\r"], "abc"],
  [["\x7f\x15a\x00\x07\r"], "a"],
])("a line typed as %j ends with Enter and is %j", (inputs, text) => {
  expect(typing("line", ...inputs)).toMatchObject({ text, end: "entered" });
});

test("several lines end with Ctrl-D, whichever line end a paste has", () => {
  expect(typing("lines", "one\rtwo\r\nthree\n", "four\x04")).toMatchObject({
    text: "one\ntwo\nthree\nfour",
    end: "entered",
  });
});

test("Ctrl-U takes back one of several lines", () => {
  expect(typing("lines", "one\rtwo\x15three\x04").text).toBe("one\nthree");
});

test("Ctrl-C stops, and so does Ctrl-D where nothing was typed", () => {
  expect(typing("line", "abc\x03").end).toBe("stopped");
  expect(typing("lines", "abc\x03").end).toBe("stopped");
  expect(typing("line", "\x04").end).toBe("stopped");
  expect(typing("line", "a\x04").end).toBeUndefined();
});

test("what a visible prompt echoes is what a terminal would", () => {
  expect(typing("line", "ab\x7fc\r").echo).toBe("ab\b \bc\n");
});
