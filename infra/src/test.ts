/**
 * `pnpm test`: runs every check and test on real servers and browsers. Installs or names missing system
 * packages. Runs every step even if an earlier one failed. The last line is `N passed, N failed`. Exit code
 * 1: something failed. With CI=true a skipped test counts as failed.
 */
import { runCommand } from "./command.ts";
import { driftFaults } from "./drift.ts";
import { layerFaults } from "./layers.ts";
import { buildPage } from "./page.ts";
import { providePrerequisites } from "./prerequisites.ts";
import { faultless, one, report, runSteps, total } from "./steps.ts";
import { typesHold } from "./types-check.ts";
import { runVerifier } from "./verifier.ts";
import { runVitest } from "./vitest-count.ts";
import { REPOSITORY } from "./workspace.ts";

const say = (line: string) => console.log(line);
const mayskip = process.env.CI !== "true";

if (!(await providePrerequisites(say))) {
  say("0 passed, 1 failed");
  process.exit(1);
}

const rows = await runSteps(
  [
    one("page", () => buildPage(say)),
    one("lint", async () => (await runCommand("biome", ["check", "--error-on-warnings", "."])).code === 0),
    one("types", () => typesHold(say)),
    faultless("layers", () => layerFaults(REPOSITORY), say),
    faultless("drift", () => driftFaults(REPOSITORY), say),
    { name: "unit", run: () => runVitest("unit", [], mayskip) },
    { name: "second implementation", run: () => runVerifier(say) },
    { name: "e2e", run: () => runVitest("e2e", [], mayskip) },
  ],
  say,
);
for (const line of report(rows)) say(line);
process.exitCode = total(rows).failed === 0 ? 0 : 1;
