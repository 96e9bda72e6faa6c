import type { Clock } from "../clock.ts";
import { ProblemError } from "../problem.ts";
import type { Client } from "./client.ts";
import type { Counts } from "./counts.ts";
import { Windows } from "./windows.ts";

const HOUR_MS = 3_600_000;
const KIND = "bytes";

/**
 * How many bytes one client may deposit in an hour, counted by what was stored. A part that is sent again is not charged again. The
 * parts that were charged are known to this process alone: sent again to another one, a part is charged twice.
 */
export class Quota {
  readonly #counts: Counts | null;
  readonly #most: number;
  readonly #clock: Clock;
  readonly #charged = new Windows(HOUR_MS);

  /** `counts` null: no limit. `most`: bytes in an hour. */
  constructor(counts: Counts | null, most: number, clock: Clock) {
    this.#counts = counts;
    this.#most = most;
    this.#clock = clock;
  }

  /** Throws `quota_exceeded` when an envelope of `bytes` does not fit what is left. Charges nothing. */
  check(client: Client, bytes: number): void {
    refuseFor(this.#counts?.wait(KIND, client, HOUR_MS, bytes, this.#most) ?? 0);
  }

  /**
   * Charges a part before it is stored. Throws `quota_exceeded`. To be told whether the part was stored: otherwise the client has its
   * bytes again.
   */
  charge(client: Client, part: string, bytes: number): (stored: boolean) => void {
    const counts = this.#counts;
    if (counts === null || this.#isCharged(part)) return () => {};
    refuseFor(counts.take(KIND, client, HOUR_MS, bytes, this.#most));
    return (stored) => {
      if (stored && !this.#isCharged(part)) this.#charged.begin(part, KIND, this.#clock.monotonic());
      else counts.give(KIND, client, HOUR_MS, bytes);
    };
  }

  #isCharged(part: string): boolean {
    return this.#charged.running(part, KIND, this.#clock.monotonic()) !== undefined;
  }
}

function refuseFor(waitMs: number): void {
  if (waitMs > 0) throw new ProblemError("quota_exceeded", {}, Math.max(1, Math.ceil(waitMs / 1000)));
}
