/**
 * Turns a validator's errors into the `errors` of an `invalid_request` problem. Every name and sentence comes from the
 * schema, never from the error objects, which carry what the caller sent.
 *
 * The validator is Ajv 8 with `coerceTypes`, `removeAdditional` and `useDefaults` false. With `allErrors` true every wrong field
 * is named at once; that is safe because a body is at most `JSON_BODY_BYTES` and each pattern is linear in it.
 */
import type { FieldFault } from "./schemas.ts";

/** What is read of an Ajv error object. For a rule that no schema can say, `{ instancePath }` alone is enough. */
export interface SchemaError {
  /** JSON pointer to the value that was refused; "" is the body itself. */
  readonly instancePath: string;
  readonly keyword?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

/** What is read of a body's schema. The names of its properties hold no `/` and no `~`. */
export interface DescribedSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, object>>;
}

/** How the body itself is called when it is no object, or has a field that it must not have. */
const BODY_FIELD = "body";

/**
 * The wrong fields, each once, in the schema's order, an object before its own fields. A field that must not be there is answered
 * as a fault of its object (`body`, `verifiers`), so that its name is not echoed. Empty when no error concerns the schema.
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

/** A missing field is a fault of the field, though the validator reports it at the object. */
function pointerOf({ instancePath, keyword, params }: SchemaError): string {
  return keyword === "required" ? `${instancePath}/${String(params?.missingProperty)}` : instancePath;
}
