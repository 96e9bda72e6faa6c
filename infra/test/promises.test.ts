import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY } from "../src/workspace.ts";

/** A test that PROMISES.md names: its file, and how its name begins; no beginning: the whole file. */
interface Named {
  readonly path: string;
  readonly beginning: string | null;
}

/** The last cells of the table of promises, one for each promise. */
function cells(): string[] {
  const text = readFileSync(join(REPOSITORY, "infra/PROMISES.md"), "utf8");
  const rows = text.split("\n").filter((line) => /^\| \d/.test(line));
  return rows.map((row) => row.split("|").at(-2)?.trim() ?? "");
}

/** Reads `file.test.ts`: beginning, beginning; `other.test.ts` */
function namedIn(cell: string): Named[] {
  return [...cell.matchAll(/`([\w./-]+\.ts)`(?:: ([^`;]*))?/g)].flatMap(([, path = "", words]): Named[] =>
    words === undefined
      ? [{ path, beginning: null }]
      : words.split(", ").map((beginning) => ({ path, beginning: beginning.trim() })),
  );
}

function isThere({ path, beginning }: Named): boolean {
  const file = join(REPOSITORY, path);
  if (!existsSync(file)) return false;
  if (beginning === null) return true;
  const source = readFileSync(file, "utf8");
  // A name begins with a quote, or after the name of the store that a suite runs over.
  return ['"', "`", "} "].some((before) => source.includes(before + beginning));
}

test("each promise names tests that are there", () => {
  const named = cells().map(namedIn);
  expect(named.length).toBeGreaterThanOrEqual(10);
  expect(named.filter((tests) => tests.length === 0)).toEqual([]);
  expect(named.flat().filter((each) => !isThere(each))).toEqual([]);
});

test("a test that is not there is found missing", () => {
  const [whole, beginning] = namedIn(
    "`infra/test/none.test.ts`; `infra/test/promises.test.ts`: holds nothing",
  );
  expect(whole && isThere(whole)).toBe(false);
  expect(beginning && isThere(beginning)).toBe(false);
});
