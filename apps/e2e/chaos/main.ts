/**
 * `pnpm chaos [--minutes 2] [--deployment sqlite] [--seed 7] [--json FILE]`: one run, or one after another over every deployment
 * when none is named. Exit code 1 when a rule was broken, 2 when the run itself failed.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { deploymentNamed, deployments } from "./deployments.ts";
import { report, summary } from "./report.ts";
import { run } from "./run.ts";

const { values } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "--"),
  options: {
    minutes: { type: "string", default: "2" },
    deployment: { type: "string" },
    seed: { type: "string" },
    json: { type: "string" },
  },
});

const chosen = values.deployment === undefined ? deployments : [deploymentNamed(values.deployment)];
const minutes = Number(values.minutes);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
if (!(minutes > 0) || !Number.isInteger(seed)) throw new Error("--minutes and --seed are numbers");

const summaries: object[] = [];
let violations = 0;
try {
  for (const deployment of chosen) {
    console.log(`\nseed ${seed}, ${deployment.name}: ${deployment.promise}`);
    const milliseconds = (minutes * 60_000) / chosen.length;
    const result = await run({ deployment, seed, milliseconds, say: (line) => console.log(line) });
    console.log(report(result).join("\n"));
    violations += result.violations.length;
    summaries.push(summary(result));
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
} finally {
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(summaries, null, 2));
}
process.exit(violations === 0 ? 0 : 1);
