import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { commandNames, commandOf } from "../../src/commands.ts";
import { bash } from "../../src/completion/bash.ts";
import { fish } from "../../src/completion/fish.ts";
import { zsh } from "../../src/completion/zsh.ts";

/** What a real bash offers where the last of these words is being typed. */
function offered(...words: string[]): string[] {
  const script = `${bash()}
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
_mayfly
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const printed = execFileSync("bash", ["--norc", "-c", script, "bash", "mayfly", ...words], {
    encoding: "utf8",
  });
  return printed.split("\n").filter((line) => line !== "");
}

test("bash completes commands", () => {
  expect(offered("")).toEqual([...commandNames, "--help", "--version"]);
  expect(offered("pro")).toEqual(["protect"]);
});

test("bash completes each command's options, and only those", () => {
  for (const name of commandNames)
    expect(offered(name, "--")).toEqual(commandOf(name).options.map((option) => `--${option}`));
});

test("bash completes values, behind either spelling, and leaves paths to the shell", () => {
  expect(offered("protect", "--expires", "")).toEqual(["5m", "1h", "1d", "7d", "30d"]);
  expect(offered("protect", "-r", "u")).toEqual(["unlimited"]);
  expect(offered("completion", "")).toEqual(expect.arrayContaining(["bash", "zsh", "fish"]));
  expect(offered("protect", "--file", "")).toEqual([]);
  expect(offered("open", "-o", "")).toEqual([]);
});

test.each([
  ["zsh", zsh],
  ["fish", fish],
])("%s is offered every command with every option", (_shell, script) => {
  for (const name of commandNames) {
    const { summary, options } = commandOf(name);
    expect(script()).toContain(summary);
    for (const option of options) expect(script()).toMatch(new RegExp(`(?:--|-l )${option}\\b`));
  }
});
