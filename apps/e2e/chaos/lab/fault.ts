/** Something that goes wrong for a while. */
import type { Random } from "../random.ts";

export interface FaultMaker {
  /** A word for plan, history and report. */
  readonly kind: string;
  /** How often, in proportion to the others. */
  readonly weight: number;
  /** How long it lasts at most, in milliseconds; a plan draws a time below it. */
  readonly mostMs: number;
  /** How long nothing follows in the same row, so that the service is well again for a time; 0 when left out. */
  readonly restMs?: number;
  /** Begins it, with what is left to chance drawn from the plan; the answer ends it, and must bring everything back. */
  begin(random: Random): Promise<() => Promise<void> | void>;
}

/** Why a kind of fault cannot be had on this machine. */
export interface Unavailable {
  readonly kind: string;
  readonly reason: string;
}
