/**
 * The store did not answer in time, or could not write. Carries a short reason and nothing of the driver's error:
 * those hold command arguments, and their stacks hold values.
 */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  readonly reason: StoreFault;

  constructor(reason: StoreFault) {
    super(`store unavailable: ${reason}`);
    this.reason = reason;
  }
}

/**
 * `full`: no room for a write that is not a deposit. `replicas`: the step was done, but too few replicas have confirmed it.
 * `rolled_back`: the store was put back from a copy, and nothing is done with it until the operator says how to go on.
 * `closed`: after close(). `aborted`: a sweep was told to stop.
 */
export type StoreFault =
  | "timeout"
  | "connection"
  | "full"
  | "read_only"
  | "busy"
  | "replicas"
  | "failed"
  | "rolled_back"
  | "closed"
  | "aborted";

/** The store is not as declared, or not usable at all: opening it was refused. One sentence per fault, no secret values. */
export class StoreRefused extends Error {
  override readonly name = "StoreRefused";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}
