import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Running } from "@mayfly/lab/running";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { expect } from "vitest";
import type { Figures } from "../../bench/report.ts";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

/** Runs the measurements to their end. `code`: the exit code, or the signal that ended them. */
export async function runBench(...words: string[]) {
  const running = new Running(process.execPath, [MAIN, ...words]);
  return { code: await running.ended, running };
}

/** Runs the measurements, and expects these parts, each with figures that are numbers. */
export async function expectFigures(parts: readonly string[], ...words: string[]): Promise<void> {
  const folder = temporaryFolder("bench");
  const json = join(folder.path, "figures.json");
  const { code, running } = await runBench(...words, "--json", json);
  expect(code, running.output).toBe(0);
  const figures = JSON.parse(readFileSync(json, "utf8")) as Figures;
  expect(figures.parts.map(({ name }) => name)).toEqual(parts);
  for (const part of figures.parts) {
    expect(part.figures.length, part.name).toBeGreaterThan(1);
    for (const { subject, what, value } of part.figures)
      expect(value, `${part.name}: ${subject}, ${what}`).toEqual(expect.any(Number));
    expect(running.stdout).toContain(part.title);
  }
  folder.remove();
}
