import type { Answer } from "./answer.ts";
import type { Script } from "./record.ts";
import type { Argument } from "./script-command.ts";
import type { StoreClock } from "./store-clock.ts";

/**
 * Runs a script as one step.
 * @throws StoreUnavailable
 */
export interface Steps {
  /** `deadline`, on `performance.now()`: nothing is sent after it. Default: the command timeout from now. */
  execute(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    deadline?: number,
  ): Promise<Answer>;
}

/** Runs a script without the check that the store is the remembered one (`Gate`). */
export interface UngatedSteps {
  executeUngated(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Answer>;
}

/** Steps over all keys of the store, and their common clock. */
export interface Keyspace extends Steps {
  readonly clock: StoreClock;
  /** @throws StoreUnavailable `closed` after close(). */
  requireOpen(): void;
}
