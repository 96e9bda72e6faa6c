/**
 * The OpenAPI 3.1 document, built from the validating schemas and the tables of routes and problems. This
 * file adds only the document's structure.
 */
import { PROBLEM_CODES, type ProblemCode } from "./codes.ts";
import { exampleId, exampleProblem, examples } from "./examples.ts";
import { answerHeaders, bodySchemas, type Content, type Operation, operations } from "./operations.ts";
import { PROBLEM_MEDIA_TYPE, problems } from "./problems.ts";
import { operatorProblems, routeProblems } from "./route-problems.ts";
import {
  ENVELOPE_MEDIA_TYPE,
  JSON_MEDIA_TYPE,
  type OperatorRouteName,
  operatorRoutes,
  type RouteName,
  routes,
} from "./routes.ts";
import { Id, PartNumber, Problem } from "./schemas.ts";

export { operatorProblems, routeProblems } from "./route-problems.ts";

type Json = Record<string, unknown>;

/** The fields of the document that programs here read. The document is plain JSON. */
interface OpenApi {
  readonly openapi: string;
  readonly info: Json;
  readonly paths: Record<string, Record<string, Json>>;
  readonly components: Record<
    "schemas" | "parameters" | "headers" | "examples" | "responses" | "links" | "securitySchemes",
    Json
  >;
  readonly [field: string]: unknown;
}

/**
 * Returns a new document. `version` is the service's version, `server` its public URL, by default the
 * document's host.
 */
export function openapi({ version, server = "/" }: { version: string; server?: string }): OpenApi {
  const responses: Json = {};
  const links: Json = {};
  const paths: OpenApi["paths"] = {};
  for (const name of Object.keys(routes) as RouteName[]) {
    const { method, path } = routes[name];
    paths[path] = { ...paths[path], [method.toLowerCase()]: operationOf(name, responses, links) };
  }
  for (const [name, { method, path }] of Object.entries(operatorRoutes)) {
    paths[path] = { [method.toLowerCase()]: operatorOperationOf(name as OperatorRouteName, responses) };
  }
  return structuredClone({
    openapi: "3.1.1",
    info: {
      title: "Mayfly",
      version,
      summary: "One-time secrets: sealed by the sender, opened by the link's holder, gone afterwards.",
      description: everywhere,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: server }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: { ...bodySchemas, Problem },
      parameters: {
        id: parameter("id", Id, exampleId),
        part: parameter("part", PartNumber, 1),
      },
      headers: { ...answerHeaders, "Retry-After": retryAfter, "WWW-Authenticate": wwwAuthenticate },
      examples: Object.fromEntries(
        PROBLEM_CODES.filter((code) => code !== "method_not_allowed").map((code) => [
          code,
          { summary: problems[code].title, value: exampleProblem(code) },
        ]),
      ),
      responses,
      links,
      securitySchemes: {
        manageToken: { type: "http", scheme: "bearer", bearerFormat: "base64url" },
      },
    },
  }) as unknown as OpenApi;
}

/** Rules for all operations or for none, which OpenAPI can say only in the description. */
const everywhere = [
  "Every response carries `Cache-Control: no-store`, and every refusal is an RFC 9457 problem.",
  "A path that takes GET also takes HEAD, and answers it without the body.",
  "Another method on one of these paths is refused with 405, code `method_not_allowed`, and `Allow` lists the path's methods.",
  "Any other address under `/api/` is `not_found`.",
].join(" ");

const tags = {
  sender: "Reserve, deposit, and manage with the manage token.",
  recipient: "Open with what the link holds.",
  service: "The service itself.",
  operator: "For whoever runs the service.",
} as const;

const retryAfter = {
  description: "Seconds after which the request may succeed.",
  schema: { type: "integer", minimum: 1 },
};

const wwwAuthenticate = {
  description: "The authentication scheme to use.",
  schema: { type: "string", const: "Bearer" },
};

function operationOf(name: RouteName, responses: Json, links: Json): Json {
  const operation = operations[name];
  const parameters = [...routes[name].path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) =>
    ref("parameters", parameter as string),
  );
  return {
    operationId: name,
    summary: operation.summary,
    description: operation.description,
    tags: [tagOf(name, operation)],
    security: security[operation.manageToken],
    ...(parameters.length > 0 && { parameters }),
    ...(operation.takes && {
      requestBody: {
        required: operation.manageToken !== "instead of the body",
        content: contentOf(operation.takes),
      },
    }),
    responses: { ...successesOf(name, links), ...refusalsOf(routeProblems(name), responses) },
  };
}

const security = {
  required: [{ manageToken: [] }],
  "instead of the body": [{}, { manageToken: [] }],
  no: [],
};

function tagOf(name: RouteName, { manageToken }: Operation): keyof typeof tags {
  if (name === "reserve" || manageToken !== "no") return "sender";
  return name === "service" || name === "openapi" ? "service" : "recipient";
}

function successesOf(name: RouteName, links: Json): Json {
  const { answers, headers = [] } = operations[name];
  return Object.fromEntries(
    Object.entries(answers).map(([status, { description, content, next = [] }]) => [
      status,
      {
        description,
        ...(headers.length > 0 && {
          headers: Object.fromEntries(headers.map((name) => [name, ref("headers", name)])),
        }),
        ...(content && { content: contentOf(content) }),
        ...(next.length > 0 && {
          links: Object.fromEntries(next.map((target) => [target, linkTo(target, name, links)])),
        }),
      },
    ]),
  );
}

/**
 * A link object from a response to a next operation. Equal links share a component. The caller adds proofs
 * and tokens.
 */
function linkTo(target: RouteName, from: RouteName, links: Json): Json {
  const isNew = from === "reserve";
  const hasClaim = (route: RouteName) => ["OpenBody", "ClaimBody"].includes(operations[route].takes ?? "");
  const repeatsClaim = hasClaim(from) && operations[target].takes === "ClaimBody";
  const name = [target, isNew ? "new" : "same", ...(repeatsClaim ? ["claim"] : [])].join(".");
  links[name] ??= {
    operationId: target,
    description: operations[target].summary,
    parameters: {
      id: isNew ? "$response.body#/id" : "$request.path.id",
      ...(isNew && target === "deposit" && { part: 0 }),
    },
    ...(repeatsClaim && { requestBody: { claim: "$request.body#/claim" } }),
  };
  return ref("links", name);
}

function contentOf(content: Content): Json {
  // OpenAPI 3.1 needs no schema for binary bodies, but client generators leave out a body without one.
  if (content === "part") return { [ENVELOPE_MEDIA_TYPE]: { schema: { type: "string", format: "binary" } } };
  if (content === "object") return { [JSON_MEDIA_TYPE]: { schema: { type: "object" } } };
  return { [JSON_MEDIA_TYPE]: { schema: ref("schemas", content), example: examples[content] } };
}

/**
 * One response per status. Equal lists of codes share a component, which the first use adds to `responses`.
 */
function refusalsOf(codes: readonly ProblemCode[], responses: Json): Json {
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, group]) => {
      const name = group.join(".");
      responses[name] ??= refusal(group);
      return [status, ref("responses", name)];
    }),
  );
}

function refusal(codes: readonly ProblemCode[]): Json {
  return {
    description: codes.map((code) => `\`${code}\`: ${problems[code].title}`).join(" "),
    ...headersOf(codes),
    content: {
      [PROBLEM_MEDIA_TYPE]: {
        // One schema for all refusals, because generators make a type of each schema. The examples name the
        // codes.
        schema: ref("schemas", "Problem"),
        examples: Object.fromEntries(codes.map((code) => [code, ref("examples", code)])),
      },
    },
  };
}

function headersOf(codes: readonly ProblemCode[]): Json {
  if (codes.every((code) => problems[code].waits))
    return { headers: { "Retry-After": ref("headers", "Retry-After") } };
  if (codes.includes("unauthorized"))
    return { headers: { "WWW-Authenticate": ref("headers", "WWW-Authenticate") } };
  return {};
}

const operatorOperations: Readonly<
  Record<OperatorRouteName, { summary: string; description: string; answered: string; content: Json }>
> = {
  livez: {
    summary: "Ask whether the process is up",
    description: "Does not ask the store.",
    answered: "The process is up.",
    content: stateContent("up"),
  },
  readyz: {
    summary: "Ask whether the store answers and maintenance is in time",
    description: "A service that is not ready answers one of the 503 problems.",
    answered: "The store answers, and maintenance is in time.",
    content: stateContent("ready"),
  },
  metrics: {
    summary: "Read the counters",
    description: "Prometheus text format. Only the operator's addresses get it; all others get `not_found`.",
    answered: "The counters.",
    content: { "text/plain": { schema: { type: "string" } } },
  },
};

function stateContent(state: string): Json {
  const schema = {
    type: "object",
    required: ["state"],
    properties: { state: { const: state } },
    additionalProperties: false,
  };
  return { [JSON_MEDIA_TYPE]: { schema, example: { state } } };
}

function operatorOperationOf(name: OperatorRouteName, responses: Json): Json {
  const { summary, description, answered, content } = operatorOperations[name];
  return {
    operationId: name,
    summary,
    description,
    tags: ["operator"],
    security: [],
    responses: {
      200: { description: answered, content },
      ...refusalsOf(operatorProblems(name), responses),
    },
  };
}

function parameter(name: string, schema: object, example: unknown): Json {
  const { description } = schema as { readonly description?: string };
  return { name, in: "path", required: true, description, schema, example };
}

function ref(kind: keyof OpenApi["components"], name: string): { $ref: string } {
  return { $ref: `#/components/${kind}/${name}` };
}
