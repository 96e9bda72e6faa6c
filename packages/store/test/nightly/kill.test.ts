import { randomInt } from "node:crypto";
import { expect, test } from "vitest";
import { kill } from "../sqlite/killing.ts";

/** The gate has kill-few.test.ts. */
const KILLS = 500;

test(`after each of ${KILLS} kills the file is whole and no confirmed step is undone`, async () => {
  const seed = Number(process.env.PROPERTY_SEED ?? randomInt(2 ** 31));
  const toll = await kill(KILLS, 4, seed);
  expect(toll.faults, `seed ${seed}`).toEqual([]);
  expect(toll.kills).toBeGreaterThanOrEqual(KILLS);
  for (const [step, times] of Object.entries(toll.asked)) expect(times, step).toBeGreaterThan(100);
  // Some were killed after the commit and before the answer: the kills do hit between the two.
  expect(toll.ahead).toBeGreaterThan(10);
}, 1_200_000);
