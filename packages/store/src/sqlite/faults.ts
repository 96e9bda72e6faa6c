import { type StoreFault, StoreUnavailable } from "../errors.ts";

/** Primary result codes (https://www.sqlite.org/rescode.html); the upper bits of an extended code are details. */
const FAULTS: Readonly<Record<number, StoreFault>> = {
  5: "busy",
  6: "busy",
  8: "read_only",
  13: "full",
};

/** What a caller is told of a driver's error: the reason and nothing else. */
export function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  return new StoreUnavailable(FAULTS[resultCode(error)] ?? "failed");
}

/** True when another connection held the lock for too long. */
export function isBusy(error: unknown): boolean {
  return FAULTS[resultCode(error)] === "busy";
}

/** True when a row was refused by a rule of its table, such as an id that is there already. */
export function isConstraint(error: unknown): boolean {
  return resultCode(error) === 19;
}

function resultCode(error: unknown): number {
  const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
  return code & 0xff;
}
