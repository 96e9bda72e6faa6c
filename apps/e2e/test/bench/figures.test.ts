import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { allTables, keptFigures, README, TABLES, withFigures } from "../../bench/document.ts";
import { parts } from "../../bench/parts/index.ts";

/** The formatter pads a table's columns. */
const squeezed = (text: string) => text.replaceAll(/ +/g, " ").replaceAll(/\| ?:?-+:? ?(?=\|)/g, "|-");

const kept = keptFigures();

test("the figures of the README are those that are kept", () => {
  const readme = readFileSync(README, "utf8");
  expect(squeezed(readme)).toBe(squeezed(withFigures(readme, kept)));
});

test("the tables are those of the figures that are kept, and there is one for every part", () => {
  expect(existsSync(TABLES)).toBe(kept !== null);
  expect(kept === null ? "" : squeezed(readFileSync(TABLES, "utf8"))).toBe(
    kept === null ? "" : squeezed(allTables(kept)),
  );
  const names = parts.map(({ name }) => name);
  expect(kept?.parts.map(({ name }) => name) ?? names).toEqual(names);
});
