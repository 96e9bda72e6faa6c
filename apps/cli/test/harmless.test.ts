import { expect, test } from "vitest";
import { fileName, forTerminal, harmlessJson, numbered, onOneLine } from "../src/harmless.ts";

test.each([
  ["\x1b]0;title\x07", "\\x1b]0;title\\x07", 2],
  ["\x1b[2J\x9b1m", "\\x1b[2J\\x9b1m", 2],
  ["a\rb\u202ecod.exe", "a\\x0db\\u{202e}cod.exe", 2],
  ["two\r\nlines\tand a tab — ä 𝄞", "two\nlines\tand a tab — ä 𝄞", 0],
])("a terminal is shown %j without obeying it", (text, shown, escaped) => {
  expect(forTerminal(text)).toEqual({ text: shown, escaped });
});

test("what belongs on one line stays there", () => {
  expect(onOneLine("1.0\nState\tfine\x1b[2J")).toBe("1.0\\x0aState\\x09fine\\x1b[2J");
});

test("JSON means the same, and commands no terminal either", () => {
  const value = { text: "\x1b[2J\x7f\x9b1m\u202e\u2066\n\tä 𝄞", list: [1] };
  const json = harmlessJson(value);
  expect(JSON.parse(json)).toEqual(value);
  expect(json).toContain("\\u001b[2J\\u007f\\u009b1m\\u202e\\u2066\\n\\tä 𝄞");
  expect(json.split("\n")).toHaveLength(6);
});

test.each([
  ["report.pdf", "report.pdf"],
  [".bashrc", "_.bashrc"],
  ["-rf", "_-rf"],
  ["a/../b", "a_.._b"],
  ["C:\\x", "C__x"],
  ["nul", "_nul"],
  ["COM1.txt", "_COM1.txt"],
  ["console.log", "console.log"],
  ["dots. . .", "dots"],
  ["exe\u202etxt.scr", "exe_txt.scr"],
  ["zero\u200bwidth", "zero_width"],
  ["...", "_"],
  ["", "_"],
])("a file called %j is saved as %j", (name, saved) => {
  expect(fileName(name)).toBe(saved);
});

test("a long name keeps its extension, and room for a number", () => {
  const name = fileName(`${"ä".repeat(120)}.tar`);
  expect(name).toMatch(/^ä+\.tar$/);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
  expect(Buffer.byteLength(name)).toBeGreaterThan(190);
});

test.each([
  ["a.pdf", 1, "a.pdf"],
  ["a.pdf", 2, "a (2).pdf"],
  ["dir.d/name", 3, "dir.d/name (3)"],
  ["dir/_.env", 2, "dir/_ (2).env"],
  [".env", 2, ".env (2)"],
])("the name %s with the number %i is %s", (name, number, wanted) => {
  expect(numbered(name, number)).toBe(wanted);
});
