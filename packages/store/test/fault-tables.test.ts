import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const FAULTS = new URL("../FAULTS.md", import.meta.url);

/** A test that a table names: its file, and how its name begins; no beginning: the whole file. */
interface Named {
  readonly file: URL;
  readonly beginning: string | null;
}

/** The tests in the last column of the table under a heading; the column's own heading says in which folder they are. */
function namedUnder(heading: string): Named[] {
  const text = readFileSync(FAULTS, "utf8");
  const [, section = ""] = text.split(`# ${heading}\n`);
  const rows = section
    .split("\n##")[0]
    ?.split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").at(-2)?.trim() ?? "");
  const [head = "", , ...cells] = rows ?? [];
  const folder = /^test in `(.*)`$/.exec(head)?.[1] ?? "";
  return cells.flatMap((cell) => namedIn(cell, new URL(`../${folder}`, import.meta.url)));
}

/** Of `file.test.ts`: beginning…, beginning…; `other.test.ts` */
function namedIn(cell: string, folder: URL): Named[] {
  const files = [...cell.matchAll(/`([\w./-]+\.ts)`(?:: ([^`]*))?/g)];
  if (files.length === 0) return [{ file: new URL("no test is named", folder), beginning: null }];
  return files.flatMap(([, path = "", words = ""]): Named[] => {
    const file = new URL(path, folder);
    const beginnings = words.split(/…[,;]? ?|; /).filter((word) => word.trim() !== "");
    if (beginnings.length === 0) return [{ file, beginning: null }];
    return beginnings.map((beginning) => ({ file, beginning: beginning.trim() }));
  });
}

test.each([
  ["A store that was put back", 10],
  ["What faults do to SQLite", 15],
  ["What faults do to Redis", 40],
  ["Cluster", 15],
])("every test that is named under “%s” is there", (heading, least) => {
  const named = namedUnder(heading);
  expect(named.length).toBeGreaterThanOrEqual(least);
  const missing = named.filter(({ file, beginning }) => {
    if (!existsSync(file)) return true;
    if (beginning === null) return false;
    // A name begins with a quote, or in a list of names; never in the middle of a sentence.
    const source = readFileSync(file, "utf8");
    return !['"', "`"].some((quote) => source.includes(quote + beginning));
  });
  expect(missing.map(({ file, beginning }) => `${file.pathname.split("/").at(-1)}: ${beginning}`)).toEqual(
    [],
  );
});
