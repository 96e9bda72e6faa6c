import type { Clock } from "@mayfly/config";
import { ProblemError } from "../http/problem.ts";
import type { Client, Quota } from "./clients.ts";
import type { Counts } from "./counts.ts";
import { Recent } from "./recent.ts";

const HOUR_MS = 3_600_000;
/** Parts of one generation that are known to be charged; two are kept. */
const MOST_PARTS = 50_000;

/**
 * How many bytes one client may deposit in an hour, counted by what was stored. A part that is sent again is not charged again. The
 * parts that were charged are known to this process alone: sent again to another one, a part is charged twice.
 */
export class ByteQuota {
  readonly #counts: Counts | null;
  readonly #quota: Quota;
  readonly #clock: Clock;
  readonly #charged = new Recent<true>(MOST_PARTS, HOUR_MS);

  /** `counts` null: no limit. `most`: bytes in an hour. */
  constructor(counts: Counts | null, most: number, clock: Clock) {
    this.#counts = counts;
    this.#quota = { kind: "bytes", most, windowMs: HOUR_MS };
    this.#clock = clock;
  }

  /** Throws `quota_exceeded` when an envelope of `bytes` does not fit what is left. Charges nothing. */
  check(client: Client, bytes: number): void {
    refuseFor(this.#counts?.wait(client, this.#quota, bytes) ?? 0);
  }

  /**
   * Charges a part before it is stored. Throws `quota_exceeded`. To be told whether the part was stored: otherwise the client has its
   * bytes again.
   */
  charge(client: Client, part: string, bytes: number): (stored: boolean) => void {
    const counts = this.#counts;
    if (counts === null || this.#isCharged(part)) return () => {};
    refuseFor(counts.take(client, this.#quota, bytes));
    return (stored) => {
      if (stored && !this.#isCharged(part)) this.#charged.set(part, true);
      else counts.give(client, this.#quota, bytes);
    };
  }

  #isCharged(part: string): boolean {
    return this.#charged.at(this.#clock.monotonic()).get(part) === true;
  }
}

function refuseFor(waitMs: number): void {
  if (waitMs > 0) throw new ProblemError("quota_exceeded", {}, Math.max(1, Math.ceil(waitMs / 1000)));
}
