import { describe, expect, it } from "vitest";
import { PROBLEM_CODES, type RouteName, routes } from "../src/index.ts";
import { routeProblems } from "../src/route-problems.ts";

const names = Object.keys(routes) as RouteName[];

describe("routeProblems", () => {
  it("uses every code of the table, except the one that belongs to paths", () => {
    const used = new Set(names.flatMap(routeProblems));
    expect(PROBLEM_CODES.filter((code) => !used.has(code))).toEqual(["method_not_allowed"]);
  });

  it.each(names)("lets %s be halted only when it does not work while halted", (name) => {
    expect(routeProblems(name).includes("halted")).toBe(!routes[name].whileHalted);
  });

  it("asks for a passphrase and refuses one nowhere but at the open", () => {
    for (const code of ["passphrase_required", "wrong_passphrase"] as const) {
      expect(names.filter((name) => routeProblems(name).includes(code))).toEqual(["open"]);
    }
  });

  it("answers `store_full` only on routes that store", () => {
    expect(names.filter((name) => routeProblems(name).includes("store_full"))).toEqual([
      "reserve",
      "deposit",
    ]);
  });
});
