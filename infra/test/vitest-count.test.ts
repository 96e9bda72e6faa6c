import { describe, expect, it } from "vitest";
import { countTests, type VitestReport } from "../src/vitest-count.ts";

const report = (part: Partial<VitestReport>): VitestReport => ({
  success: true,
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [],
  ...part,
});

describe("counting a vitest run", () => {
  it("counts what passed and what failed", () => {
    const failing = { status: "failed", assertionResults: [{ status: "failed" }, { status: "passed" }] };
    expect(
      countTests(
        report({ success: false, numPassedTests: 3, numFailedTests: 1, testResults: [failing] }),
        true,
      ),
    ).toEqual({ passed: 3, failed: 1 });
  });

  it("takes a run without any test for a failure", () => {
    expect(countTests(report({}), true)).toEqual({ passed: 0, failed: 1 });
    expect(countTests(report({ numPendingTests: 4 }), true)).toEqual({ passed: 0, failed: 1 });
  });

  it("takes a file that did not load for a failure", () => {
    const broken = { status: "failed", assertionResults: [] };
    expect(
      countTests(report({ success: false, numPassedTests: 3, testResults: [broken, broken] }), true),
    ).toEqual({
      passed: 3,
      failed: 2,
    });
  });

  it("takes an error outside every test for a failure", () => {
    expect(countTests(report({ success: false, numPassedTests: 3 }), true)).toEqual({ passed: 3, failed: 1 });
  });

  it("takes skipped tests for failures only where none may be skipped", () => {
    const skipping = report({ numPassedTests: 3, numPendingTests: 2, numTodoTests: 1 });
    expect(countTests(skipping, true)).toEqual({ passed: 3, failed: 0 });
    expect(countTests(skipping, false)).toEqual({ passed: 3, failed: 3 });
  });
});
