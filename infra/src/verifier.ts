/** Runs the second implementation of the cryptography, in Python, on the same vectors. */
import { runCommand } from "./command.ts";
import type { Count } from "./steps.ts";

/** Debian's Python, which has python3-nacl. */
export const PYTHON = "/usr/bin/python3";
const PROGRAM = "packages/crypto/python/verify.py";

/**
 * Reads the last line, `N passed, N failed`. A missing line, no passes or a contradicting exit code is one
 * failure.
 */
export function countVectors(output: string, code: number | null): Count {
  const last = output.trimEnd().split("\n").at(-1) ?? "";
  const match = /^(\d+) passed, (\d+) failed$/.exec(last);
  const count = { passed: Number(match?.[1] ?? 0), failed: Number(match?.[2] ?? 0) };
  const sound = match !== null && count.passed > 0 && (code === 0) === (count.failed === 0);
  return sound ? count : { ...count, failed: count.failed + 1 };
}

export async function runVerifier(say: (line: string) => void): Promise<Count> {
  const { code, output } = await runCommand(PYTHON, [PROGRAM], { quiet: true });
  say(output.trimEnd());
  return countVectors(output, code);
}
