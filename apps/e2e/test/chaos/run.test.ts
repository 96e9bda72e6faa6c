import { describe, expect, test } from "vitest";
import { deploymentNamed } from "../../chaos/deployments.ts";
import { report } from "../../chaos/report.ts";
import { run } from "../../chaos/run.ts";

const MILLISECONDS = 25_000;

/** The same plan in every run: a failure is the change's. `pnpm chaos` draws another each time. */
const SEED = 1;

describe("a short run with faults breaks no rule", { concurrent: true }, () => {
  test.each(["sqlite", "redis"])("over %s", { timeout: 400_000 }, async (name) => {
    const again = `pnpm chaos --deployment ${name} --minutes ${MILLISECONDS / 60_000} --seed ${SEED}`;
    const result = await run({
      deployment: deploymentNamed(name),
      seed: SEED,
      milliseconds: MILLISECONDS,
      leastSecrets: 80,
    });
    const said = [again, ...report(result)].join("\n");
    expect(result.violations, said).toEqual([]);
    // A run in which hardly anything happened has shown nothing.
    const { calls, faults } = result.history;
    expect(calls.filter(({ outcome }) => outcome.is === "bytes").length, said).toBeGreaterThan(10);
    expect(calls.filter(({ outcome }) => outcome.is === "none").length, said).toBeGreaterThan(2);
    expect(faults.length, said).toBeGreaterThan(8);
  });
});
