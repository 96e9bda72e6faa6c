import { type StoreFault, StoreUnavailable } from "../errors.ts";

/**
 * Primary result codes (https://www.sqlite.org/rescode.html). The upper bits of an extended code hold
 * details.
 */
const FAULTS: Readonly<Record<number, StoreFault>> = {
  5: "busy",
  6: "busy",
  8: "read_only",
  13: "full",
};

/** Reduces a driver's error to its reason: the error may hold values. */
export function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(FAULTS[resultCode(error)] ?? "failed");
}

/** True if another connection held the lock longer than the busy timeout. */
export function isBusy(error: unknown): boolean {
  return FAULTS[resultCode(error)] === "busy";
}

/** True if a constraint refused the row, such as an id that exists already. */
export function isConstraint(error: unknown): boolean {
  return resultCode(error) === 19;
}

function resultCode(error: unknown): number {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
  return code & 0xff;
}
