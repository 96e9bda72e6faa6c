import type { OverdueAnswer, Verification } from "./contract/maintenance.ts";
import type { End, Gone, NotFound } from "./contract/secrets.ts";
import { StoreUnavailable } from "./errors.ts";

/** Answers that both stores give. */
export const NOT_FOUND: NotFound = { outcome: "not_found" };
export const FULL = { outcome: "full" } as const;

export function gone(state: End, endedAt: number): Gone {
  return { outcome: "gone", state, endedAt };
}

/** For `reserve` and `deposit`, whose answers include `full`. Rethrows every other error. */
export function fullOrThrow(error: unknown): typeof FULL {
  if (error instanceof StoreUnavailable && error.reason === "full") return FULL;
  throw error;
}

export function overdueAnswer(count: number, verification: Verification): OverdueAnswer {
  return count === 0 ? { outcome: "verified", verification } : { outcome: "overdue", count };
}
