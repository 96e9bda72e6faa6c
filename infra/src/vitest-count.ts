/** Runs one vitest project, and counts its tests from vitest's JSON report. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./command.ts";
import type { Count } from "./steps.ts";

/** The fields of the report that are read. */
export interface VitestReport {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Counts failed tests and files that did not load as failures. An empty run counts as one failure, and so
 * does a run that vitest calls unsuccessful without either. Skipped tests count as failures unless `mayskip`.
 */
export function countTests(report: VitestReport, mayskip: boolean): Count {
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests + report.numTodoTests;
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
  ).length;
  const failed = report.numFailedTests + brokenFiles + (mayskip ? 0 : skipped);
  const empty = passed + failed === 0;
  return { passed, failed: failed === 0 && (empty || !report.success) ? 1 : failed };
}

/** `args`: further arguments of `vitest run`; `env`: variables that the tests read. */
export async function runVitest(
  project: string,
  args: readonly string[],
  mayskip: boolean,
  env: Readonly<Record<string, string>> = {},
): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), "mayfly-vitest-"));
  const file = join(folder, "report.json");
  try {
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const { code } = await runCommand("vitest", ["run", "--project", project, ...reporters, ...args], {
      env,
    });
    if (!existsSync(file))
      throw new Error(`vitest wrote no report: ${code === null ? "a signal ended it" : `exit code ${code}`}`);
    const count = countTests(JSON.parse(readFileSync(file, "utf8")) as VitestReport, mayskip);
    return code !== 0 && count.failed === 0 ? { ...count, failed: 1 } : count;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
