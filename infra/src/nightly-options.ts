/** The arguments of `pnpm nightly`. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";

interface NightlyOptions {
  /** Names of the steps to run; empty means all. */
  readonly chosen: readonly string[];
  readonly seed: number;
  /** Minutes of faults for each deployment. */
  readonly minutes: number;
}

/** Parses the arguments. Draws a fresh seed without `--seed`. Throws an Error that says what is wrong. */
export function nightlyOptions(words: readonly string[], steps: readonly string[]): NightlyOptions {
  const { values, positionals } = parseArgs({
    args: words.filter((word) => word !== "--"),
    allowPositionals: true,
    options: { seed: { type: "string" }, minutes: { type: "string", default: "5" } },
  });
  const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
  const minutes = Number(values.minutes);
  if (positionals.some((name) => !steps.includes(name))) throw new Error(`Steps are ${steps.join(", ")}.`);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 31)
    throw new Error("--seed is a whole number below 2,147,483,648.");
  if (!(minutes > 0)) throw new Error("--minutes is a number above 0.");
  return { chosen: positionals, seed, minutes };
}
