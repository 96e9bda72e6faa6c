import { expect, test } from "vitest";
import { kill } from "./killing.ts";

const KILLS = 20;
/** The same kills in every run. The nightly test draws others each time. */
const SEED = 1;

test(`after each of ${KILLS} kills the file is whole and no confirmed step is undone`, async () => {
  const toll = await kill(KILLS, 2, SEED);
  expect(toll.faults).toEqual([]);
  expect(toll.kills).toBeGreaterThanOrEqual(KILLS);
  for (const [step, times] of Object.entries(toll.asked)) expect(times, step).toBeGreaterThan(0);
}, 120_000);

test("a program that says its steps before they are confirmed is found out", async () => {
  const toll = await kill(KILLS, 2, SEED, "boast");
  expect(toll.faults.some((fault) => fault.endsWith("the step was undone"))).toBe(true);
}, 120_000);
