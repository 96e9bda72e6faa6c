import { Ajv } from "ajv";
import { fieldFaults } from "../src/faults.ts";
import { isEnvelopeLength } from "../src/index.ts";
import type { FieldFault } from "../src/schemas.ts";
import { ClaimBody, OpenBody, ReserveBody, StatusBody } from "../src/schemas.ts";

export const bodies = { ReserveBody, OpenBody, ClaimBody, StatusBody };
export type RequestName = keyof typeof bodies;
export const requestNames = Object.keys(bodies) as RequestName[];

// As the API sets it up.
const ajv = new Ajv({
  strict: true,
  coerceTypes: false,
  removeAdditional: false,
  useDefaults: false,
  allErrors: true,
});
const validators = Object.fromEntries(requestNames.map((name) => [name, ajv.compile(bodies[name])]));

/** What the service finds wrong with a body; empty when it takes it. */
export function faultsOf(name: RequestName, body: unknown): FieldFault[] {
  const validate = validators[name];
  if (!validate) throw new Error(`no schema for ${name}`);
  if (!validate(body)) return fieldFaults(bodies[name], validate.errors ?? []);
  return name === "ReserveBody" && !isEnvelopeLength((body as ReserveBody).bytes)
    ? fieldFaults(ReserveBody, [{ instancePath: "/bytes" }])
    : [];
}
