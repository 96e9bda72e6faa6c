import type { Clock } from "@mayfly/config";
import type { Secrets } from "@mayfly/store";

/** How long the result of a check is told. */
export const CHECK_MS = 10_000;

/**
 * Whether the store can be written. A small writing step finds out, at most every ten seconds and only when somebody asks. With a
 * step for each request, anyone could hold the store's lock. A failure or a recovery is known at most ten seconds late.
 */
export class Readiness {
  readonly #store: Pick<Secrets, "canWrite">;
  readonly #clock: Pick<Clock, "monotonic">;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #check: Promise<boolean> = Promise.resolve(false);

  constructor(store: Pick<Secrets, "canWrite">, clock: Pick<Clock, "monotonic">) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The last result, or that of the check that is under way. Never throws. */
  ready(): Promise<boolean> {
    const now = this.#clock.monotonic();
    if (now - this.#checkedAt >= CHECK_MS) {
      this.#checkedAt = now;
      this.#check = this.#store.canWrite();
    }
    return this.#check;
  }
}
