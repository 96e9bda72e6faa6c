/** The steps of a check. All steps run even if one fails, and the last line counts the results. */

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

export interface Step {
  readonly name: string;
  /** Returns the number of passes and failures. Throwing counts as one failure. */
  readonly run: () => Promise<Count>;
}

export interface Row extends Count {
  readonly name: string;
  readonly seconds: number;
}

/** Runs the steps one after another. `say` prints one line. */
export async function runSteps(steps: readonly Step[], say: (line: string) => void): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const step of steps) {
    say(`\n=== ${step.name}`);
    const began = performance.now();
    const count = await step.run().catch((error: unknown): Count => {
      say(error instanceof Error ? error.message : String(error));
      return { passed: 0, failed: 1 };
    });
    rows.push({ name: step.name, seconds: (performance.now() - began) / 1000, ...count });
  }
  return rows;
}

/** One line for each step. The last line is the sum, `N passed, N failed`. */
export function report(rows: readonly Row[]): readonly string[] {
  const width = Math.max(...rows.map((row) => row.name.length));
  const sum = total(rows);
  return [
    "",
    ...rows.map((row) => {
      const seconds = `${row.seconds.toFixed(1)} s`.padStart(8);
      const failed = row.failed > 0 ? `, ${row.failed} failed` : "";
      return `${row.name.padEnd(width)} ${seconds}  ${row.passed} passed${failed}`;
    }),
    `${sum.passed} passed, ${sum.failed} failed`,
  ];
}

export function total(rows: readonly Count[]): Count {
  return rows.reduce<Count>(
    (sum, row) => ({ passed: sum.passed + row.passed, failed: sum.failed + row.failed }),
    {
      passed: 0,
      failed: 0,
    },
  );
}

/** A step that passes or fails as one. */
export function one(name: string, run: () => Promise<boolean> | boolean): Step {
  return {
    name,
    run: async () => ((await run()) ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }),
  };
}

/** A step that prints each fault of `find`, and passes if there is none. */
export function faultless(name: string, find: () => readonly string[], say: (line: string) => void): Step {
  return one(name, () => {
    const faults = find();
    for (const fault of faults) say(fault);
    return faults.length === 0;
  });
}
