/**
 * `pnpm nightly [STEP…] [--seed N] [--minutes 5]`: random, long and timing tests, which `pnpm test` leaves
 * out. All steps use one fresh seed, which is printed. `--minutes` is the time of faults for each deployment.
 * The last line is `N passed, N failed`. Exit code 1: something failed. 2: wrong usage.
 */
import { runCommand } from "./command.ts";
import { nightlyOptions } from "./nightly-options.ts";
import { buildPage } from "./page.ts";
import { providePrerequisites } from "./prerequisites.ts";
import { one, report, runSteps, type Step, total } from "./steps.ts";
import { runVitest } from "./vitest-count.ts";

const say = (line: string) => console.log(line);
const mayskip = process.env.CI !== "true";
const DEPLOYMENTS = 6;

function stepsOf(seed: number, minutes: number): readonly Step[] {
  const program = (name: string, ...args: string[]) =>
    one(name, async () => (await runCommand(process.execPath, args)).code === 0);
  const schemathesis = program("schemathesis", "apps/e2e/test/openapi/schemathesis/main.ts");
  return [
    {
      name: "properties",
      run: async () => {
        const { output } = await runCommand(
          "git",
          ["grep", "-lF", 'from "fast-check"', "--", "packages/*.test.ts"],
          { quiet: true },
        );
        return runVitest("unit", output.trim().split("\n"), mayskip, { PROPERTY_SEED: String(seed) });
      },
    },
    { name: "races", run: () => runVitest("unit", ["race.test.ts"], mayskip, { RACE_SECRETS: "2000" }) },
    // Kills, timing side channels, and every part of the benchmark.
    { name: "long", run: () => runVitest("nightly", [], mayskip, { PROPERTY_SEED: String(seed) }) },
    program("fuzz", "apps/e2e/test/openapi/fuzz/main.ts", "--seed", String(seed)),
    program(
      "chaos",
      "apps/e2e/chaos/main.ts",
      ...["--seed", String(seed), "--minutes", String(minutes * DEPLOYMENTS)],
    ),
    {
      name: "outage",
      run: () => runVitest("e2e", ["apps/e2e/test/outage.test.ts"], mayskip, { OUTAGE_SECONDS: "45" }),
    },
    { name: "attack", run: () => runVitest("e2e", ["apps/e2e/test/attack"], mayskip, { ATTACK: "full" }) },
    {
      name: schemathesis.name,
      run: async () => {
        if ((await runCommand("schemathesis", ["--version"], { quiet: true })).code === 0)
          return schemathesis.run();
        say(
          "schemathesis is not installed, so its step is skipped. Install it with `pip install schemathesis`.",
        );
        return { passed: 0, failed: 0 };
      },
    },
    program("bench", "apps/e2e/bench/main.ts"),
  ];
}

try {
  const names = stepsOf(0, 1).map(({ name }) => name);
  const { chosen, seed, minutes } = nightlyOptions(process.argv.slice(2), names);
  say(`seed ${seed}: the same again with \`pnpm nightly --seed ${seed} --minutes ${minutes}\``);
  if (!(await providePrerequisites(say))) throw new Error("0 passed, 1 failed");
  const steps = stepsOf(seed, minutes).filter(({ name }) => chosen.length === 0 || chosen.includes(name));
  const rows = await runSteps([one("page", () => buildPage(say)), ...steps], say);
  for (const line of report(rows)) say(line);
  process.exitCode = total(rows).failed === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
