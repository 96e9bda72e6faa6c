/** The table of variables in infra/VARIABLES.md, generated from packages/config. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationTable } from "@mayfly/config";

const DOCUMENT = "infra/VARIABLES.md";
const BEGIN = "<!-- configuration: written by `pnpm exec node infra/src/document.ts` -->\n";
const END = "<!-- /configuration -->\n";

/**
 * Returns the document's text with its table replaced. Throws if the document has no markers for the table.
 */
export function withTable(text: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`${DOCUMENT} has no place for the table of variables`);
  return `${text.slice(0, begin + BEGIN.length)}\n${configurationTable()}\n${text.slice(end)}`;
}

export function writeTable(root: string): void {
  const path = join(root, DOCUMENT);
  writeFileSync(path, withTable(readFileSync(path, "utf8")));
}

/** Compares without column widths, because the formatter pads the table's columns. */
export function documentFaults(root: string): readonly string[] {
  const text = readFileSync(join(root, DOCUMENT), "utf8");
  return squeezed(text) === squeezed(withTable(text))
    ? []
    : [
        `${DOCUMENT}: its variables are not those of packages/config; run pnpm exec node infra/src/document.ts`,
      ];
}

function squeezed(text: string): string {
  return text.replaceAll(/ +/g, " ").replaceAll(/\| ?-+ ?(?=\|)/g, "|-");
}
