import { describe, expect, test } from "vitest";
import { deploymentNamed } from "../../chaos/deployments.ts";
import type { RuleName } from "../../chaos/model.ts";
import { report } from "../../chaos/report.ts";
import { run } from "../../chaos/run.ts";
import type { WrongStore } from "../../chaos/wrong/wrong-store.ts";

interface Case {
  readonly wrong: WrongStore;
  readonly deployment: string;
  readonly faults: readonly string[];
  readonly rule: RuleName;
  readonly words: RegExp;
}

const cases: readonly Case[] = [
  {
    wrong: "getdel",
    deployment: "redis",
    faults: ["http-drop"],
    rule: "survival",
    words: /a reader was refused \(opened\) with nothing that ended the secret/,
  },
  {
    wrong: "read-then-delete",
    deployment: "redis",
    faults: ["redis-delay"],
    rule: "readers",
    words: /claims got bytes of a secret with 1 read/,
  },
  {
    wrong: "set-then-expire",
    deployment: "redis",
    faults: ["api-kill"],
    rule: "remains",
    words: /^endless: wrong:ID:bytes$/,
  },
  {
    wrong: "secure-delete-fast",
    deployment: "sqlite",
    faults: [],
    rule: "remains",
    words: /^ciphertext: mayfly\.db$/,
  },
];

/** The guard's guard: over each of these the same run, checker and looks have to find what is wrong. */
describe("a run over a wrong store finds its fault", { concurrent: true }, () => {
  test.each(cases)("$wrong", { timeout: 400_000 }, async ({ wrong, deployment, faults, rule, words }) => {
    const result = await run({
      deployment: deploymentNamed(deployment),
      seed: 11,
      milliseconds: 12_000,
      leastSecrets: 100,
      wrong,
      onlyFaults: faults,
    });
    const found = result.violations.filter(
      (violation) => violation.rule === rule && words.test(violation.sentence),
    );
    expect(found.length, report(result).join("\n")).toBeGreaterThan(0);
    // The plain stores know no lease, so they refuse a claim that comes again.
    const others = result.violations.filter((each) => each.rule !== rule && each.rule !== "survival");
    expect(others, report(result).join("\n")).toEqual([]);
  });
});
