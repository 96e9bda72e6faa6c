import { test } from "vitest";
import { parts } from "../../bench/parts/index.ts";
import { expectFigures } from "../bench/run-bench.ts";

test("measures every part, and every figure is a number", { timeout: 600_000 }, async () => {
  await expectFigures(
    parts.map(({ name }) => name),
    "--quick",
  );
});
