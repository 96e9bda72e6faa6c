/** What a running service says of itself: its OpenAPI document, read as a stranger would, with judges for every answer in it. */
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

/** What is read of a JSON Schema. */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
}

/** One media type of a body. Schema and judge are null for raw bytes. */
export interface Content {
  readonly schema: Schema | null;
  readonly example: unknown;
  /** Of a refusal: the codes that it may have, by the names of its examples. Else empty. */
  readonly codes: readonly string[];
  readonly fits: ValidateFunction | null;
}

export interface DescribedAnswer {
  /** By media type, in lower case and without parameters. Empty: no body. */
  readonly content: ReadonlyMap<string, Content>;
  /** By name in lower case. A header is text; a number in it is judged as one. */
  readonly headers: ReadonlyMap<string, ValidateFunction>;
}

export interface DescribedOperation {
  readonly name: string;
  readonly method: string;
  /** With `{id}` and the like in it. */
  readonly path: string;
  readonly parameters: Readonly<Record<string, Schema>>;
  readonly takes: ReadonlyMap<string, Content>;
  /** Whether a request without a body is one of the operation's; also where it takes none. */
  readonly bodyIsOptional: boolean;
  /** A bearer of a token may come, or has to. */
  readonly bearer: boolean;
  readonly answers: ReadonlyMap<number, DescribedAnswer>;
}

export interface Description {
  readonly operations: readonly DescribedOperation[];
  /** Headers that some answer declares, in lower case: with other answers they must not come. */
  readonly headerNames: ReadonlySet<string>;
  /** Whether a value is a problem of any kind. */
  readonly problem: ValidateFunction;
  readonly text: string;
}

type Json = Readonly<Record<string, unknown>>;

const ajv = new Ajv2020({
  strict: true,
  allowUnionTypes: true,
  formats: { "date-time": (text: string) => new Date(text).toISOString() === text },
});

/** Throws when there is none, or it points at nothing. */
export async function describedBy(origin: string): Promise<Description> {
  const answer = await fetch(`${origin}/api/v1/openapi.json`);
  if (!answer.ok) throw new Error(`no description: ${answer.status}`);
  const text = await answer.text();
  const document = JSON.parse(text) as Json;
  const paths = resolved(document.paths, document) as Record<string, Record<string, Json>>;
  const operations = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => operationOf(method.toUpperCase(), path, operation)),
  );
  const answers = operations.flatMap((operation) => [...operation.answers.values()]);
  const headerNames = new Set(answers.flatMap(({ headers }) => [...headers.keys()]));
  const { schemas } = document.components as { schemas: { Problem: object } };
  return { operations, headerNames, problem: ajv.compile(schemas.Problem), text };
}

/** The value with every $ref in it replaced by what it points at. */
function resolved(value: unknown, document: Json): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => resolved(each, document));
  const { $ref } = value as { $ref?: string };
  if ($ref !== undefined) {
    const target = $ref
      .split("/")
      .slice(1)
      .reduce<unknown>((at, name) => (at as Json | undefined)?.[name], document);
    if (target === undefined) throw new Error(`${$ref} points at nothing`);
    return resolved(target, document);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner, document)]));
}

function operationOf(method: string, path: string, operation: Json): DescribedOperation {
  const parameters = (operation.parameters ?? []) as { name: string; schema: Schema }[];
  const body = operation.requestBody as { content?: Json; required?: boolean } | undefined;
  const responses = operation.responses as Record<string, { content?: Json; headers?: Json }>;
  return {
    name: String(operation.operationId),
    method,
    path,
    parameters: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    takes: contentsOf(body?.content),
    // The default of OpenAPI is false.
    bodyIsOptional: body?.required !== true,
    bearer: (operation.security as Json[]).some((way) => "manageToken" in way),
    answers: new Map(
      Object.entries(responses).map(([status, { content, headers = {} }]) => [
        Number(status),
        {
          content: contentsOf(content),
          headers: new Map(
            Object.entries(headers).map(([name, header]) => [
              name.toLowerCase(),
              ajv.compile((header as { schema: object }).schema),
            ]),
          ),
        },
      ]),
    ),
  };
}

function contentsOf(content: Json = {}): Map<string, Content> {
  return new Map(Object.entries(content).map(([type, media]) => [type, contentOf(media as Media)]));
}

interface Media {
  readonly schema: Schema;
  readonly example?: unknown;
  readonly examples?: Json;
}

function contentOf({ schema, example, examples = {} }: Media): Content {
  const codes = Object.keys(examples);
  if (schema.format === "binary") return { schema: null, example, codes, fits: null };
  return { schema, example, codes, fits: ajv.compile(schema) };
}
