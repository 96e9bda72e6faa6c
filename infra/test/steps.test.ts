import { expect, it } from "vitest";
import { faultless, one, report, runSteps, total } from "../src/steps.ts";

it("runs every step, also after one that failed or threw", async () => {
  const said: string[] = [];
  const rows = await runSteps(
    [
      one("first", () => false),
      {
        name: "second",
        run: async () => {
          throw new Error("fell over");
        },
      },
      { name: "third", run: async () => ({ passed: 7, failed: 2 }) },
      one("fourth", async () => true),
    ],
    (line) => said.push(line),
  );
  expect(rows.map(({ name, passed, failed }) => [name, passed, failed])).toEqual([
    ["first", 0, 1],
    ["second", 0, 1],
    ["third", 7, 2],
    ["fourth", 1, 0],
  ]);
  expect(said).toContain("fell over");
  expect(total(rows)).toEqual({ passed: 8, failed: 4 });
});

it("ends with the sum as its very last line", () => {
  const lines = report([
    { name: "lint", passed: 1, failed: 0, seconds: 1.234 },
    { name: "unit", passed: 40, failed: 2, seconds: 61 },
  ]);
  expect(lines.at(-1)).toBe("41 passed, 2 failed");
  expect(lines).toContain("lint    1.2 s  1 passed");
  expect(lines).toContain("unit   61.0 s  40 passed, 2 failed");
});

it("prints every fault of a step that looks for faults", async () => {
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  await expect(faultless("drift", () => ["this", "that"], say).run()).resolves.toEqual({
    passed: 0,
    failed: 1,
  });
  await expect(faultless("drift", () => [], say).run()).resolves.toEqual({ passed: 1, failed: 0 });
  expect(said).toEqual(["this", "that"]);
});
