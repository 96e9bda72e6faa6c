/** `pnpm check`: the checks of about a minute: lint, types, layers, drift and the quick unit tests. */
import { runCommand } from "./command.ts";
import { driftFaults } from "./drift.ts";
import { layerFaults } from "./layers.ts";
import { faultless, one, report, runSteps, total } from "./steps.ts";
import { typesHold } from "./types-check.ts";
import { runVitest } from "./vitest-count.ts";
import { REPOSITORY } from "./workspace.ts";

/** Tests with whole processes, races or real Redis servers. `pnpm test` runs them. */
const SLOW = [
  "**/race/**",
  "**/{race,kill,kill-few,power-loss,disks}.test.ts",
  "**/test/redis/**",
  "infra/test/start.test.ts",
  "apps/worker/test/main.test.ts",
];

const say = (line: string) => console.log(line);

const rows = await runSteps(
  [
    one("lint", async () => (await runCommand("biome", ["check", "--error-on-warnings", "."])).code === 0),
    one("types", () => typesHold(say)),
    faultless("layers", () => layerFaults(REPOSITORY), say),
    faultless("drift", () => driftFaults(REPOSITORY), say),
    {
      name: "unit",
      run: () =>
        runVitest(
          "unit",
          SLOW.map((pattern) => `--exclude=${pattern}`),
          true,
        ),
    },
  ],
  say,
);
for (const line of report(rows)) say(line);
process.exitCode = total(rows).failed === 0 ? 0 : 1;
