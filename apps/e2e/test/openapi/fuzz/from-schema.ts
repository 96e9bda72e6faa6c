/** Values that a JSON Schema allows, and values that only just fail it. */
import fc, { type Arbitrary } from "fast-check";
import type { Schema } from "./description.ts";

/** What the schema allows. */
export function fitting(schema: Schema): Arbitrary<unknown> {
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fitting));
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if ("const" in schema) return fc.constant(schema.const);
  switch (schema.type) {
    case "object":
      return fc.record(
        Object.fromEntries(
          Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, fitting(inner)]),
        ),
        { requiredKeys: [...(schema.required ?? [])], noNullPrototype: true },
      );
    case "array":
      return fc.array(fitting(schema.items ?? {}), { maxLength: 5 });
    case "string":
      return text(schema);
    case "integer":
      return fc.integer({
        min: schema.minimum ?? Number.MIN_SAFE_INTEGER,
        max: schema.maximum ?? Number.MAX_SAFE_INTEGER,
      });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    default:
      return fc.jsonValue();
  }
}

function text({ pattern, minLength = 0, maxLength = 200 }: Schema): Arbitrary<string> {
  if (pattern === undefined) return fc.string({ minLength, maxLength });
  return fc
    .stringMatching(new RegExp(pattern))
    .filter(({ length }) => length >= minLength && length <= maxLength);
}

/** One small wrong step away from a value. */
export interface Slip {
  /** Which of the values in it. */
  readonly where: number;
  readonly how: (typeof hows)[number];
}

const hows = [
  "missing",
  "more",
  "null",
  "in a list",
  "as text",
  "empty",
  "one less",
  "one more",
  "doubled",
  "another last character",
  "a truth",
  "a number",
  "with a prototype",
  "with a constructor",
] as const;

export const slips: Arbitrary<Slip> = fc.record({ where: fc.nat(50), how: fc.constantFrom(...hows) });

/** The value with the slip in one of its places; JSON text, since not every slip is a value. */
export function slipped(value: unknown, { where, how }: Slip): string {
  const places = placesIn(value);
  const chosen = where % places;
  let at = -1;
  return write(value);

  function write(inner: unknown): string {
    at += 1;
    if (at === chosen) return changed(inner, how);
    if (Array.isArray(inner)) return `[${inner.map(write).join()}]`;
    if (typeof inner !== "object" || inner === null) return JSON.stringify(inner);
    const fields = Object.entries(inner).map(([name, field]) => [name, write(field)] as const);
    return `{${fields
      .filter(([, field]) => field !== "")
      .map(([name, field]) => `${JSON.stringify(name)}:${field}`)
      .join()}}`;
  }
}

function placesIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + placesIn(inner), 1);
}

/** JSON text, or nothing where the value is left out. */
function changed(value: unknown, how: Slip["how"]): string {
  const json = JSON.stringify(value);
  const isText = typeof value === "string";
  switch (how) {
    case "missing":
      return "";
    case "more":
      return json.startsWith("{") ? `${json.slice(0, -1)}${json === "{}" ? "" : ","}"surplus":1}` : "{}";
    case "null":
      return "null";
    case "in a list":
      return `[${json}]`;
    case "as text":
      return JSON.stringify(json);
    case "empty":
      return isText ? '""' : "{}";
    case "one less":
      return isText ? JSON.stringify(value.slice(0, -1)) : typeof value === "number" ? `${value - 1}` : "[]";
    case "one more":
      return isText ? JSON.stringify(`${value}A`) : typeof value === "number" ? `${value + 1}` : "[0]";
    case "doubled":
      return isText ? JSON.stringify(value + value) : typeof value === "number" ? `${value}.5` : "1e999";
    case "another last character":
      return isText ? JSON.stringify(`${value.slice(0, -1)}B`) : "-0";
    case "a truth":
      return "true";
    case "a number":
      return "9007199254740993";
    case "with a prototype":
      return `{"__proto__":${json}}`;
    case "with a constructor":
      return `{"constructor":{"prototype":${json}}}`;
  }
}
