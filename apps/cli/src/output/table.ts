import { onOneLine } from "../harmless.ts";

/** Rows of a name and what it has, one line each whatever it holds, in two columns. */
export function table(rows: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 3;
  return rows.map(([name, value]) => `${name.padEnd(width)}${onOneLine(value)}\n`).join("");
}
