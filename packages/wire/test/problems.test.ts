import { describe, expect, it } from "vitest";
import { PROBLEM_CODES, problems, problemType } from "../src/index.ts";

describe("problems", () => {
  it.each(PROBLEM_CODES)("gives %s a status, a sentence and whether waiting helps", (code) => {
    const { status, title, waits } = problems[code];
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^[A-Z][^<>{}]{10,}\.$/);
    expect(waits).toBe([429, 503, 507].includes(status));
  });

  it("has every status of the protocol", () => {
    const statuses = new Set<number>(Object.values(problems).map(({ status }) => status));
    for (const status of [400, 403, 404, 405, 409, 410, 413, 415, 429, 503, 507])
      expect(statuses).toContain(status);
  });

  it("names no two problems with one sentence", () => {
    expect(new Set(Object.values(problems).map(({ title }) => title)).size).toBe(PROBLEM_CODES.length);
  });

  it("names each problem's type with a URI", () => {
    for (const code of PROBLEM_CODES)
      expect(new URL(problemType(code)).pathname).toBe(`mayfly:problem:${code}`);
  });
});
