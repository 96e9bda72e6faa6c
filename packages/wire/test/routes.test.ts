import { describe, expect, it } from "vitest";
import {
  API_PREFIX,
  methodsOf,
  operatorRoutes,
  pages,
  type RouteName,
  routePath,
  routes,
} from "../src/index.ts";

const names = Object.keys(routes) as RouteName[];

describe("routePath", () => {
  it("puts id and part in their places", () => {
    const id = "b0nQ3mDk2yqv7uXh5sWf1g";
    expect(routePath("open", { id })).toBe(`/api/v1/secrets/${id}/open`);
    expect(routePath("part", { id, part: 0 })).toBe(`/api/v1/secrets/${id}/parts/0`);
    expect(routePath("deposit", { id, part: 16_383 })).toBe(`/api/v1/secrets/${id}/parts/16383`);
  });

  it("leaves a path without places as it is", () => {
    expect(routePath("reserve")).toBe("/api/v1/secrets");
    expect(routePath("service", { id: "ignored", part: 1 })).toBe("/api/v1/service");
  });

  it.each(names)("leaves no place open in %s", (name) => {
    expect(routePath(name, { id: "b0nQ3mDk2yqv7uXh5sWf1g", part: 1 })).toMatch(/^\/api\/v1\/[\w./-]+$/);
  });
});

describe("routes", () => {
  it("answers every method and path with one route", () => {
    const all = [
      ...[...Object.values(routes), ...Object.values(operatorRoutes)],
      ...Object.values(pages).map((path) => ({ method: "GET", path })),
    ];
    expect(new Set(all.map(({ method, path }) => `${method} ${path}`)).size).toBe(all.length);
  });

  it("takes HEAD where it takes GET, and nothing else beside its own method", () => {
    expect(methodsOf(routes.service)).toEqual(["GET", "HEAD"]);
    expect([routes.reserve, routes.deposit, routes.burn].map(methodsOf)).toEqual([
      ["POST"],
      ["PUT"],
      ["DELETE"],
    ]);
  });

  it("has no GET that reads or changes a secret", () => {
    for (const { method, path } of Object.values(routes))
      if (method === "GET") expect(path).not.toContain("secrets");
  });

  it("lets only what destroys and what tells the state work while halted", () => {
    expect(names.filter((name) => routes[name].whileHalted)).toEqual([
      "acknowledge",
      "burn",
      "service",
      "openapi",
    ]);
  });

  it("keeps every route of the protocol below one prefix", () => {
    for (const { path } of Object.values(routes)) expect(path.startsWith(API_PREFIX)).toBe(true);
    const others = [...Object.values(operatorRoutes).map(({ path }) => path), ...Object.values(pages)];
    for (const path of others) expect(path.startsWith(API_PREFIX)).toBe(false);
  });
});
