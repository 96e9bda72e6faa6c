import { readFileSync } from "node:fs";
import { PROBLEM_CODES } from "../src/index.ts";

/** The tables of SPEC.md, each by the heading above it: rows of cells, without the head row and without code marks. */
export function specTables(): Map<string, string[][]> {
  const text = readFileSync(new URL("../SPEC.md", import.meta.url), "utf8");
  const tables = new Map<string, string[][]>();
  let heading = "";
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) heading = line.replace(/^#+ /, "").replaceAll("`", "");
    if (!line.startsWith("|")) continue;
    const cells = line.slice(1, -1).split("|");
    const row = cells.map((cell) => cell.trim().replace(/^`([^`]+)`$/, "$1"));
    tables.set(heading, [...(tables.get(heading) ?? []), row]);
  }
  // The head row and the line below it.
  return new Map([...tables].map(([name, rows]) => [name, rows.slice(2)]));
}

interface Schema {
  type?: string;
  const?: string;
  enum?: string[];
  anyOf?: Schema[];
  items?: Schema;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  description?: string;
  required?: readonly string[];
  properties?: Record<string, Schema>;
}

/** The rows that a body's table must have: field, whether it must be there, its form, its sentence. */
export function fieldRows(schema: object, prefix = ""): string[][] {
  const { properties = {}, required = [] } = schema as Schema;
  return Object.entries(properties).flatMap(([name, field]) => [
    [
      prefix + name,
      required.includes(name) ? "always" : "may be left out",
      formOf(field),
      field.description ?? "",
    ],
    ...fieldRows(field, `${prefix}${name}.`),
  ]);
}

function formOf(field: Schema): string {
  if (field.anyOf) return field.anyOf.map(formOf).join(" or ");
  if (field.const !== undefined) return `"${field.const}"`;
  if (field.enum?.length === PROBLEM_CODES.length) return "code";
  if (field.enum) return field.enum.map((value) => `"${value}"`).join(" or ");
  if (field.items) return `array of ${formOf(field.items)}`;
  if (field.format === "date-time") return "time";
  const range = [field.minimum ?? field.minLength, field.maximum ?? field.maxLength];
  if (range[0] === undefined && range[1] === undefined) return field.type ?? "";
  const bounds = range[0] === range[1] ? range[0] : range.map((bound) => bound ?? "").join("…");
  return `${field.type} ${bounds}${field.type === "string" ? " characters" : ""}`;
}
