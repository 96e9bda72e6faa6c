/**
 * The store did not answer in time, or could not write. Carries a short reason and nothing of the driver's
 * error, which holds command arguments and values.
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
 * `full`: no space for a write that is not a deposit. `replicas`: the step ran, but too few replicas
 * confirmed it.
 * `rolled_back`: the store was put back from a copy, and runs no step until the operator decides
 * (HISTORY.md).
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

/**
 * Opening was refused: the store is not as declared, or not usable. One sentence per fault, without secret
 * values.
 */
export class StoreRefused extends Error {
  override readonly name = "StoreRefused";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join("\n"));
    this.faults = faults;
  }
}
