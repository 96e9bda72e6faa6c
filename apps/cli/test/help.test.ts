import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { commandNames, commandOf } from "../src/commands.ts";
import { exitCodes } from "../src/exit-codes.ts";
import { commandHelp, generalHelp } from "../src/help.ts";
import { type OptionName, options } from "../src/options.ts";

const squeezed = (text: string) => text.replaceAll(/\s+/g, " ");
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

test("no line of any help is wider than 80 columns", () => {
  for (const text of [generalHelp("1.2.3"), ...commandNames.map(commandHelp)])
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
});

test("the general help has every command, every exit code and the version", () => {
  const text = squeezed(generalHelp("1.2.3"));
  expect(text).toContain("mayfly 1.2.3");
  for (const name of commandNames) expect(text).toContain(`${name} ${commandOf(name).summary}`);
  for (const { code, means } of Object.values(exitCodes)) expect(text).toContain(`${code} ${means}`);
});

test("a command's help has its options, and only those", () => {
  for (const name of commandNames) {
    const told = commandHelp(name).match(/(?<=^ {2}(?:-\w,| {3}) --)[\w-]+/gm);
    expect(told).toEqual(commandOf(name).options);
  }
});

test("every option belongs to a command", () => {
  const used = new Set<OptionName>(commandNames.flatMap((name) => commandOf(name).options));
  expect([...used].sort()).toEqual(Object.keys(options).sort());
});

test("every exit code is one of its own", () => {
  const codes = Object.values(exitCodes).map(({ code }) => code);
  expect(new Set(codes).size).toBe(codes.length);
});

test("the README has the same table of exit codes", () => {
  const rows = [...readme.matchAll(/^\| *(\d+) *\| *(.*?) *\|$/gm)].map(([, code, means]) => [
    Number(code),
    means,
  ]);
  expect(rows).toEqual(Object.values(exitCodes).map(({ code, means }) => [code, means]));
});
