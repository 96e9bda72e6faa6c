/** The operator's table of variables in infra/VARIABLES.md, written from the one in packages/config. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationTable } from "@mayfly/config";

const DOCUMENT = "infra/VARIABLES.md";
const BEGIN = "<!-- configuration: written by `pnpm exec node infra/src/document.ts` -->\n";
const END = "<!-- /configuration -->\n";

/** The document's text with its table replaced. Throws when it has no place for one. */
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

/** The formatter pads a table's columns: blanks and rules count as one, whatever their length. */
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
