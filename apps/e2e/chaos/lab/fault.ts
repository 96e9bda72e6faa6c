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

/** The same fault, that is over only when `whole` has resolved: what follows finds servers that follow each other again. */
export function untilWhole(whole: () => Promise<void>): (maker: FaultMaker) => FaultMaker {
  return (maker) => ({
    ...maker,
    begin: async (random) => {
      const end = await maker.begin(random);
      return async () => {
        await end();
        await whole();
      };
    },
  });
}

/** Why a kind of fault cannot be had on this machine. */
export interface Unavailable {
  readonly kind: string;
  readonly reason: string;
}
