import { describe, expect, it } from "vitest";
import {
  MIN_ENVELOPE_BYTES,
  type OperatorRouteName,
  operatorRoutes,
  PROBLEM_CODES,
  PROBLEM_MEDIA_TYPE,
  pages,
  problems,
  type Route,
  type RouteName,
  routes,
} from "../src/index.ts";
import * as limits from "../src/limits.ts";
import { operations } from "../src/operations.ts";
import { operatorProblems, routeProblems } from "../src/route-problems.ts";
import {
  ClaimBody,
  DepositedAll,
  DepositedSome,
  FieldFault,
  OpenBody,
  Problem,
  ReserveBody,
  Reserved,
  Service,
  Status,
  StatusBody,
} from "../src/schemas.ts";
import { fieldRows, specTables } from "./spec-tables.ts";

const tables = specTables();
const routeNames = Object.keys(routes) as RouteName[];

/** The first columns of a table; those after them are words for people, which must be there. */
function columns(heading: string, count: number): string[][] {
  const rows = tables.get(heading) ?? [];
  for (const cell of rows.flat()) expect(cell).not.toBe("");
  return rows.map((row) => row.slice(0, count));
}

describe("SPEC.md", () => {
  it("has the routes of the code", () => {
    const wanted = Object.entries<Route>(routes).map(([name, { method, path, limit, whileHalted }]) => [
      name,
      method,
      path,
      limit,
      whileHalted ? "works" : "halted",
    ]);
    expect(columns("2. Routes", 5)).toEqual(wanted);
  });

  it("has what each route takes and answers", () => {
    const rows = tables.get("2. Routes") ?? [];
    expect(rows).toHaveLength(routeNames.length);
    for (const [name = "", , , , , , told = ""] of rows) {
      const { takes, answers } = operations[name as RouteName];
      const named = [takes, ...Object.values(answers).map(({ content }) => content)].filter(
        (content) => content !== undefined && content !== "part" && content !== "object",
      );
      expect(told.match(/(?<=`)[A-Z]\w+(?=`)/g) ?? []).toEqual(named);
      expect(told.match(/\b2\d\d\b/g)).toEqual(Object.keys(answers));
    }
  });

  it("has the page's addresses", () => {
    expect(columns("Pages", 2)).toEqual(Object.entries(pages));
  });

  it("has the operator's routes", () => {
    const names = Object.keys(operatorRoutes) as OperatorRouteName[];
    const wanted = names.map((name) => [
      name,
      operatorRoutes[name].method,
      operatorRoutes[name].path,
      operatorProblems(name).join(", "),
    ]);
    expect(columns("Operator routes", 4)).toEqual(wanted);
  });

  const requests = { ReserveBody, OpenBody, ClaimBody, StatusBody };
  const answers = { Reserved, DepositedSome, DepositedAll, Status, Service, Problem, FieldFault };
  it.each(Object.entries({ ...requests, ...answers }))("has the fields of %s", (name, schema) => {
    expect(columns(name, 4)).toEqual(fieldRows(schema));
  });

  it("has every limit with its value", () => {
    const wanted = Object.entries(limits).flatMap(([name, value]) =>
      typeof value === "object"
        ? Object.entries(value).map(([bound, number]) => [`${name}.${bound}`, String(number)])
        : [[name, String(value)]],
    );
    expect(columns("4. Limits", 2).sort()).toEqual(
      [...wanted, ["MIN_ENVELOPE_BYTES", String(MIN_ENVELOPE_BYTES)]].sort(),
    );
  });

  it("has the headers that are sent", () => {
    const json = routeNames.filter((name) => (operations[name].takes ?? "part") !== "part");
    const bytes = routeNames.filter((name) => operations[name].takes === "part");
    const bearer = routeNames.filter((name) => operations[name].manageToken !== "no");
    expect(columns("Sent", 2)).toEqual([
      ["Content-Type", json.join(", ")],
      ["Content-Type", bytes.join(", ")],
      ["Authorization", bearer.join(", ")],
    ]);
  });

  it("has the headers that are answered", () => {
    const ofRoutes = new Map<string, RouteName[]>();
    for (const name of routeNames) {
      for (const header of operations[name].headers ?? [])
        ofRoutes.set(header, [...(ofRoutes.get(header) ?? []), name]);
    }
    const told = columns("Answered", 2);
    expect(told.slice(0, ofRoutes.size)).toEqual(
      [...ofRoutes].map(([header, names]) => [header, names.join(", ")]),
    );
    expect(told.slice(ofRoutes.size).map(([header]) => header)).toEqual([
      "Retry-After",
      "Allow",
      "WWW-Authenticate",
      "Cache-Control",
      "Content-Type",
    ]);
    expect(tables.get("Answered")?.at(-1)?.[2]).toContain(PROBLEM_MEDIA_TYPE);
  });

  it("has every problem with its status, sentence, wait and routes", () => {
    const wanted = PROBLEM_CODES.map((code) => {
      const { status, title, waits } = problems[code];
      const answering = routeNames.filter((name) => routeProblems(name).includes(code));
      const all = answering.length === routeNames.length ? "every" : "none";
      const some = answering.length > 0 && answering.length < routeNames.length;
      return [code, String(status), title, waits ? "yes" : "no", some ? answering.join(", ") : all];
    });
    expect(columns("Codes", 5)).toEqual(wanted);
  });

  it("says of every route what sending it again does", () => {
    expect(columns("7. Sending again", 1)).toEqual(routeNames.map((name) => [name]));
  });

  it("has no table that is not compared", () => {
    const compared = [
      "2. Routes",
      "Operator routes",
      "Pages",
      "4. Limits",
      "Sent",
      "Answered",
      "Codes",
      "7. Sending again",
    ];
    expect([...tables.keys()].sort()).toEqual(
      [...compared, ...Object.keys(requests), ...Object.keys(answers)].sort(),
    );
  });
});
