/**
 * Turns a validator's errors into the `errors` of an `invalid_request` problem. Names and sentences come from
 * the schema, never from the error objects, which carry the caller's values.
 *
 * The validator is Ajv 8 with `coerceTypes`, `removeAdditional` and `useDefaults` false. `allErrors` is safe:
 * a body has at most `JSON_BODY_BYTES`, and each pattern matches in linear time.
 */
import type { FieldFault } from "./schemas.ts";

/** The fields read from an Ajv error. A rule outside the schema reports `{ instancePath }` alone. */
interface SchemaError {
  /** JSON pointer to the refused value; "" is the body itself. */
  readonly instancePath: string;
  readonly keyword?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/**
 * The fields read from a body's schema. Property names hold no `/` and no `~`, so pointers need no escaping.
 */
export interface DescribedSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, object>>;
}

/** The field name for the body itself: it is not an object, or has an unknown field. */
const BODY_FIELD = "body";

/**
 * Returns the wrong fields, each once, in the schema's order, an object before its own fields. An unknown
 * field is a fault of its object (`body`, `verifiers`), so that its name is not echoed. Empty if no error
 * concerns the schema.
 */
export function fieldFaults(schema: DescribedSchema, errors: readonly SchemaError[]): FieldFault[] {
  const wrong = new Set(errors.map(pointerOf));
  const faults: FieldFault[] = [];
  visit(schema, "", BODY_FIELD);
  return faults;

  function visit({ description = "", properties }: DescribedSchema, pointer: string, field: string): void {
    if (wrong.has(pointer)) faults.push({ field, allowed: description });
    for (const [name, inner] of Object.entries(properties ?? {})) {
      visit(inner, `${pointer}/${name}`, pointer === "" ? name : `${field}.${name}`);
    }
  }
}

/** The JSON pointer of the wrong field. The validator reports a missing field at its object. */
function pointerOf({ instancePath, keyword, params }: SchemaError): string {
  return keyword === "required" ? `${instancePath}/${String(params?.missingProperty)}` : instancePath;
}
