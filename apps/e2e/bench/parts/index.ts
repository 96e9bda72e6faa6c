import type { Part } from "../figure.ts";
import { endurancePart } from "./endurance.ts";
import { erasurePart } from "./erasure.ts";
import { floodPart } from "./flood.ts";
import { latencyPart } from "./latency.ts";
import { lifecyclePart } from "./lifecycle.ts";
import { memoryPart } from "./memory.ts";
import { pagePart } from "./page.ts";
import { sealingPart } from "./sealing.ts";
import { startUpPart } from "./start-up.ts";
import { sweepPart } from "./sweep.ts";

/** In the order in which they run and stand in the tables. */
export const parts: readonly Part[] = [
  lifecyclePart,
  latencyPart,
  memoryPart,
  endurancePart,
  sealingPart,
  sweepPart,
  startUpPart,
  pagePart,
  floodPart,
  erasurePart,
];
