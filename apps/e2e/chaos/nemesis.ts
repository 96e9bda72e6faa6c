/** Brings the plan's faults about, one row after another, until it is told that the run is over. */
import { setTimeout as wait } from "node:timers/promises";
import type { Recorder } from "./history.ts";
import type { FaultMaker } from "./lab/fault.ts";
import { planFault } from "./plan.ts";

const LOOK_MS = 100;

/** One row: faults that follow each other. Rows run beside each other. Faults that could not be brought about are told to `failed`. */
export async function torment(
  seed: number,
  row: number,
  makers: readonly FaultMaker[],
  recorder: Recorder,
  over: () => boolean,
  failed: (kind: string, why: string) => void,
): Promise<void> {
  if (makers.length === 0) return;
  for (let number = 0; !over(); number++) {
    const { gapMs, what, lastsMs, random } = planFault(seed, row, number, makers);
    await waitUnless(over, gapMs);
    if (over()) return;
    const from = performance.now();
    try {
      const end = await what.begin(random);
      await wait(lastsMs);
      await end();
    } catch (error) {
      failed(what.kind, (error as Error).message);
    }
    // One that failed too: it may have come about in part.
    recorder.faults.push({ kind: what.kind, from, to: performance.now() });
    await waitUnless(over, what.restMs ?? 0);
  }
}

async function waitUnless(over: () => boolean, milliseconds: number): Promise<void> {
  const end = performance.now() + milliseconds;
  for (let left = milliseconds; left > 0 && !over(); left = end - performance.now())
    await wait(Math.min(left, LOOK_MS));
}
