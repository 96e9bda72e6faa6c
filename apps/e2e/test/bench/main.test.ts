import { expect, test } from "vitest";
import { expectFigures, runBench } from "./run-bench.ts";

test("measures the part that is named, and every figure is a number", { timeout: 240_000 }, async () => {
  await expectFigures(["lifecycle"], "lifecycle", "--quick", "--store", "sqlite", "--bytes", "1024");
});

test("refuses what it does not know, and a record of a part", { timeout: 120_000 }, async () => {
  for (const words of [
    ["lifecycel"],
    ["--store", "mysql"],
    ["--bytes", "many"],
    ["--rounds", "0"],
    ["page", "--record"],
  ])
    expect((await runBench(...words)).code, words.join(" ")).toBe(2);
});
