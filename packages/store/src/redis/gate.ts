import type { ServerRun } from "./server-run.ts";
import type { UngatedSteps } from "./steps.ts";

/** Checks, before the first step on a connection, that the server holds the remembered store. */
export interface Gate {
  /** True: no step may run. */
  readonly closed: boolean;
  /** If this differs from the last one, each connection must join again. */
  readonly generation: number;
  /**
   * Returns the binding of the steps.
   * @throws StoreUnavailable if no step may run.
   */
  join(connection: UngatedSteps, run: ServerRun): Promise<string>;
}
