/** Something that goes wrong for a while. */

export interface FaultMaker {
  /** A word for plan, history and report. */
  readonly kind: string;
  /** How often, in proportion to the others. */
  readonly weight: number;
  /** How long it lasts at most, in milliseconds; a plan draws a time below it. */
  readonly mostMs: number;
  /** Begins it; the answer ends it, and must bring everything back. */
  begin(): Promise<() => Promise<void> | void>;
}

/** Why a kind of fault cannot be had on this machine. */
export interface Unavailable {
  readonly kind: string;
  readonly reason: string;
}
