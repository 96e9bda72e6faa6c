import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import {
  OPEN_HEADERS,
  type OperatorRouteName,
  operatorRoutes,
  type ProblemCode,
  problems,
  type RouteName,
  routes,
} from "../src/index.ts";
import { openapi, operatorProblems, routeProblems } from "../src/openapi.ts";
import {
  ClaimBody,
  DepositedAll,
  DepositedSome,
  OpenBody,
  Problem,
  ReserveBody,
  Reserved,
  Service,
  Status,
  StatusBody,
} from "../src/schemas.ts";

interface Answer {
  headers?: Record<string, unknown>;
  content?: Record<string, { schema?: object; example?: unknown; examples?: Record<string, unknown> }>;
  links?: Record<string, { operationId: string; parameters: Record<string, unknown>; requestBody?: object }>;
}
interface OperationObject {
  operationId: string;
  security: object[];
  parameters?: object[];
  requestBody?: { required: boolean; content: NonNullable<Answer["content"]> };
  responses: Record<string, Answer>;
}

// Read as any program would: as JSON.
const document = JSON.parse(
  JSON.stringify(openapi({ version: "1.2.3", server: "https://secrets.example.org" })),
);
const routeNames = Object.keys(routes) as RouteName[];
const operatorNames = Object.keys(operatorRoutes) as OperatorRouteName[];

// The dialect of OpenAPI 3.1. Times are exactly what Date.prototype.toISOString gives.
const ajv = new Ajv2020({
  strict: true,
  formats: { "date-time": (text) => new Date(text).toISOString() === text },
});

function isOperators(name: RouteName | OperatorRouteName): name is OperatorRouteName {
  return name in operatorRoutes;
}

function operationOf(name: RouteName | OperatorRouteName): OperationObject {
  const { method, path } = isOperators(name) ? operatorRoutes[name] : routes[name];
  return document.paths[path][method.toLowerCase()];
}

/** The value with every $ref in it replaced by what it points at; a dangling one throws. */
function resolved<Value>(value: Value): Value {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(resolved) as Value;
  const { $ref } = value as { $ref?: string };
  if ($ref !== undefined) return resolved(targetOf($ref)) as Value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)])) as Value;
}

function targetOf($ref: string): unknown {
  const [, section = "", kind = "", name = ""] = $ref.split("/");
  const target = document[section]?.[kind]?.[name];
  if (target === undefined) throw new Error(`${$ref} points at nothing`);
  return target;
}

describe("openapi", () => {
  it("has no constant among alternatives, since generated clients take it for the only one", () => {
    const found: unknown[] = [];
    JSON.stringify(openapi({ version: "1" }), (_key, value) => {
      for (const each of value?.anyOf ?? value?.oneOf ?? []) if ("const" in each) found.push(each);
      return value;
    });
    expect(found).toEqual([]);
  });

  it("says which version of OpenAPI and of the service it is, and where that is", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d$/);
    expect(document.info).toMatchObject({ title: "Mayfly", version: "1.2.3" });
    expect(document.servers).toEqual([{ url: "https://secrets.example.org" }]);
    expect(openapi({ version: "1" }).servers).toEqual([{ url: "/" }]);
  });

  it("describes every route and no other", () => {
    const described = Object.entries(
      document.paths as Record<string, Record<string, OperationObject>>,
    ).flatMap(([path, item]) =>
      Object.entries(item).map(([method, { operationId }]) => [operationId, method, path]),
    );
    const wanted = Object.entries({ ...routes, ...operatorRoutes }).map(([name, { method, path }]) => [
      name,
      method.toLowerCase(),
      path,
    ]);
    expect(described.sort()).toEqual(wanted.sort());
  });

  it("points at nothing that is not there, and holds nothing that is not pointed at", () => {
    const used = new Set(JSON.stringify(document).match(/#\/components\/\w+\/[\w.-]+/g));
    for (const $ref of used) expect(targetOf($ref)).toBeDefined();
    const { securitySchemes, ...others } = document.components;
    const held = Object.entries(others as Record<string, object>).flatMap(([kind, members]) =>
      Object.keys(members).map((name) => `#/components/${kind}/${name}`),
    );
    expect(held.filter((name) => !used.has(name))).toEqual([]);
    expect(Object.keys(securitySchemes)).toEqual(["manageToken"]);
  });

  it("holds the very schemas that validate", () => {
    const requests = { ReserveBody, OpenBody, ClaimBody, StatusBody };
    const answers = { Reserved, DepositedSome, DepositedAll, Status, Service, Problem };
    expect(document.components.schemas).toEqual(JSON.parse(JSON.stringify({ ...requests, ...answers })));
  });

  it.each(routeNames)("names the parameters in the path of %s", (name) => {
    const named = (resolved(operationOf(name).parameters) ?? []) as {
      name: string;
      in: string;
      required: boolean;
    }[];
    expect(named.map((parameter) => `{${parameter.name}}`)).toEqual(
      routes[name].path.match(/\{\w+\}/g) ?? [],
    );
    for (const parameter of named) expect(parameter).toMatchObject({ in: "path", required: true });
  });

  it.each([...routeNames, ...operatorNames])("lists the problems of %s under their own status", (name) => {
    const { responses } = resolved(operationOf(name));
    const listed = Object.entries(responses).flatMap(([status, { content }]) =>
      Object.keys(content?.["application/problem+json"]?.examples ?? {}).map((code) => ({
        status: Number(status),
        code,
      })),
    );
    const codes = isOperators(name) ? operatorProblems(name) : routeProblems(name);
    const wanted = codes.map((code) => ({ status: problems[code].status, code }));
    expect(listed.sort(byCode)).toEqual(wanted.sort(byCode));
  });

  it("has one schema for all refusals, so that a generated client has one type", () => {
    const schemas = Object.values(document.components.responses as Record<string, Answer>).map(
      ({ content }) => content?.["application/problem+json"]?.schema,
    );
    expect(new Set(schemas.map((schema) => JSON.stringify(schema)))).toEqual(
      new Set([JSON.stringify({ $ref: "#/components/schemas/Problem" })]),
    );
  });

  it("gives raw bytes a schema, without which generators leave the body out", () => {
    const binary = { "application/octet-stream": { schema: { type: "string", format: "binary" } } };
    expect(operationOf("deposit").requestBody?.content).toEqual(binary);
    for (const name of ["open", "part"] as const)
      expect(operationOf(name).responses[200]?.content).toEqual(binary);
  });

  it("leads by links from reserve through the whole life of a secret, with what each answer tells of it", () => {
    const led = new Set<string>();
    for (const name of routeNames) {
      for (const answer of Object.values(operationOf(name).responses)) {
        for (const [key, link] of Object.entries(resolved(answer).links ?? {})) {
          expect(link.operationId).toBe(key);
          const target = routes[link.operationId as RouteName];
          for (const parameter of Object.keys(link.parameters))
            expect(target.path).toContain(`{${parameter}}`);
          expect(link.parameters.id).toBe(name === "reserve" ? "$response.body#/id" : "$request.path.id");
          led.add(`${name} to ${key}`);
        }
      }
    }
    for (const [from, ...steps] of [
      ["reserve", "deposit", "burn"],
      ["deposit", "deposit", "open", "status", "burn"],
      ["open", "open", "part", "acknowledge", "status", "burn"],
      ["part", "part", "acknowledge"],
    ])
      expect([...led].filter((step) => step.startsWith(`${from} `)).sort()).toEqual(
        steps.map((step) => `${from} to ${step}`).sort(),
      );
  });

  it("announces Retry-After exactly where waiting helps, and the wanted scheme with a 401", () => {
    for (const [name, answer] of Object.entries(document.components.responses as Record<string, Answer>)) {
      const waits = name.split(".").map((code) => problems[code as ProblemCode].waits);
      const scheme = name === "unauthorized" ? ["WWW-Authenticate"] : [];
      expect(Object.keys(answer.headers ?? {})).toEqual(waits.every(Boolean) ? ["Retry-After"] : scheme);
      expect(new Set(waits).size).toBe(1);
    }
  });

  it("announces what accompanies part 0, and the lease with every further part", () => {
    const wanted: Partial<Record<RouteName, string[]>> = {
      open: Object.values(OPEN_HEADERS),
      part: [OPEN_HEADERS.leaseEnds],
    };
    for (const name of routeNames) {
      expect(Object.keys(operationOf(name).responses[200]?.headers ?? {})).toEqual(wanted[name] ?? []);
    }
  });

  it("asks for the manage token to deposit and burn, and takes it for the status in place of a body", () => {
    const bearer = { manageToken: [] };
    for (const name of routeNames) {
      const { security, requestBody } = operationOf(name);
      if (name === "deposit" || name === "burn") expect(security).toEqual([bearer]);
      else if (name === "status") expect([security, requestBody?.required]).toEqual([[{}, bearer], false]);
      else expect(security).toEqual([]);
    }
  });

  it("gives examples that validate", () => {
    let judged = 0;
    function judge(value: unknown): void {
      if (typeof value !== "object" || value === null) return;
      const { schema, example, examples } = value as {
        schema?: object;
        example?: unknown;
        examples?: object;
      };
      const given = Object.values(examples ?? {}).map((one) => (one as { value: unknown }).value);
      if (schema && example !== undefined) given.push(example);
      for (const one of given) {
        expect(ajv.validate(schema ?? {}, one), JSON.stringify([one, ajv.errors])).toBe(true);
        judged++;
      }
      for (const inner of Object.values(value)) judge(inner);
    }
    judge(resolved(document.paths));
    expect(judged).toBeGreaterThan(110);
  });

  it("gives an example for every JSON body", () => {
    for (const name of [...routeNames.filter((route) => route !== "openapi"), ...operatorNames]) {
      const { requestBody, responses } = operationOf(name);
      const contents = [requestBody?.content, ...Object.values(responses).map(({ content }) => content)];
      for (const content of contents) {
        const json = content?.["application/json"];
        if (json) expect(json.example).toBeDefined();
      }
    }
  });

  it("is a new document each time, so that nobody's change is another's", () => {
    const first = openapi({ version: "1" });
    (first.paths["/api/v1/secrets"] as Record<string, unknown>).post = null;
    first.components.schemas.ReserveBody = null;
    expect(openapi({ version: "1" }).components.schemas.ReserveBody).not.toBeNull();
    expect(openapi({ version: "1" }).paths["/api/v1/secrets"]?.post).not.toBeNull();
  });
});

function byCode(one: { code: string }, other: { code: string }): number {
  return one.code.localeCompare(other.code);
}
