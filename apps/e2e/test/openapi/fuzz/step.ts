/** What is asked next: a plan for one request, drawn before anything is answered. */
import fc, { type Arbitrary } from "fast-check";
import type { DescribedOperation, Description } from "./description.ts";
import { fitting, type Slip, slips } from "./from-schema.ts";
import { type Damage, damages, hostileBody, hostileHeader, hostileText } from "./hostile.ts";
import { lengths } from "./known-secret.ts";

export interface Step {
  /** Null: whatever comes next in the secret's life, or the sender's whim, done rightly. */
  readonly chosen: Chosen | null;
  readonly whim: "status" | "burn" | null;
  /** Which of the scenario's secrets it is about. */
  readonly secret: number;
  /** For a secret that it reserves. */
  readonly entropy: Uint8Array;
  readonly bytes: number;
  readonly passphrase: boolean;
}

export interface Chosen {
  readonly operation: DescribedOperation;
  /** By the parameter's name: what to put into the path; null for the right value. */
  readonly parameters: Readonly<Record<string, string | null>>;
  readonly body: BodyPlan;
  /** The manage token: the right one, another secret's, none, or text of any kind. */
  readonly bearer: "right" | "another" | "none" | { readonly text: string };
  /** Null: the type that the operation takes, if it takes one. */
  readonly type: string | null;
  /** Null: the operation's own. */
  readonly method: string | null;
  readonly query: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly framing: "length" | "chunks";
  readonly damage: Damage | null;
}

export type BodyPlan =
  | { readonly is: "right" | "fitting"; readonly value: unknown }
  | { readonly is: "slip"; readonly value: unknown; readonly slip: Slip }
  | { readonly is: "hostile"; readonly bytes: Buffer }
  | { readonly is: "none" };

const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
  "TRACE",
  "QUERY",
  "CONNECT",
  "get",
  "X",
];
const TYPES = [
  "application/json",
  "application/json; charset=utf-8",
  "APPLICATION/JSON",
  "application/octet-stream",
  "application/problem+json",
  "text/plain",
  "multipart/form-data; boundary=x",
  "application/x-www-form-urlencoded",
  "application/json, text/plain",
  "*/*",
  "",
];

/** Plans for everything that the description offers. */
export function steps({ operations }: Description): Arbitrary<Step> {
  return fc.record({
    chosen: fc.option(fc.oneof(...operations.map(choices)), { freq: 2 }),
    whim: fc.oneof(
      { weight: 12, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: fc.constant("status" as const) },
      { weight: 1, arbitrary: fc.constant("burn" as const) },
    ),
    secret: fc.nat(3),
    entropy: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    bytes: fc.oneof(
      { weight: 5, arbitrary: fc.constant(lengths.onePart) },
      { weight: 1, arbitrary: fc.constant(lengths.threeParts) },
    ),
    passphrase: fc.boolean(),
  });
}

function choices(operation: DescribedOperation): Arbitrary<Chosen> {
  const [content] = operation.takes.values();
  const value =
    content === undefined
      ? fc.constant(undefined)
      : content.schema === null
        ? fc.constant(null)
        : fc.oneof(
            { weight: 4, arbitrary: fitting(content.schema) },
            { weight: 1, arbitrary: fc.constant(content.example) },
          );
  const values = value as Arbitrary<unknown>;
  return fc.record({
    operation: fc.constant(operation),
    parameters: fc.record(
      Object.fromEntries(
        Object.entries(operation.parameters).map(([name, schema]) => [
          name,
          fc.oneof(
            { weight: 6, arbitrary: fc.constant(null) },
            { weight: 1, arbitrary: fitting(schema).map(String) },
            { weight: 1, arbitrary: hostileText },
          ),
        ]),
      ),
    ),
    body: fc.oneof(
      { weight: 5, arbitrary: fc.record({ is: fc.constant("right" as const), value: values }) },
      { weight: 2, arbitrary: fc.record({ is: fc.constant("fitting" as const), value: values }) },
      { weight: 3, arbitrary: fc.record({ is: fc.constant("slip" as const), value: values, slip: slips }) },
      { weight: 2, arbitrary: hostileBody.map((bytes) => ({ is: "hostile" as const, bytes })) },
      { weight: 1, arbitrary: fc.constant({ is: "none" as const }) },
    ),
    bearer: fc.oneof(
      { weight: 6, arbitrary: fc.constant("right" as const) },
      { weight: 1, arbitrary: fc.constantFrom("another" as const, "none" as const) },
      { weight: 1, arbitrary: hostileText.map((text) => ({ text: text.slice(0, 2000) })) },
    ),
    type: oftenNull(
      fc.oneof(
        fc.constantFrom(...TYPES),
        hostileText.map((text) => text.slice(0, 200)),
      ),
    ),
    method: oftenNull(fc.constantFrom(...METHODS)),
    query: oftenFirst(["", "?", "?id=1&id=2", "?__proto__[x]=1", "?a=%zz"]),
    headers: fc.oneof(
      { weight: 40, arbitrary: fc.constant([]) },
      { weight: 14, arbitrary: fc.array(hostileHeader, { minLength: 1, maxLength: 3 }) },
      {
        weight: 1,
        arbitrary: fc
          .integer({ min: 80, max: 160 })
          .map((many) => Array.from({ length: many }, (_, n) => [`X-${n}`, "y"] as const)),
      },
    ),
    framing: oftenFirst(["length", "chunks"] as const),
    damage: oftenNull(damages),
  });
}

/** A request goes one wrong way, or two; seldom all at once. */
function oftenNull<Value>(value: Arbitrary<Value>): Arbitrary<Value | null> {
  return fc.oneof({ weight: 8, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
}

function oftenFirst<const Value>(values: readonly [Value, ...Value[]]): Arbitrary<Value> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(values[0]) },
    { weight: 1, arbitrary: fc.constantFrom(...values) },
  );
}
