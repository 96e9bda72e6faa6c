/** Why this browser cannot be used for secrets, or null. */
export type Unfit = "insecure" | "no_randomness" | "old_browser";

interface Scope {
  isSecureContext: boolean;
  crypto?: { getRandomValues?: unknown };
  AbortSignal?: { any?: unknown };
  fetch?: unknown;
}

/** Looks before anybody types: nothing is sent and nothing is enabled when the answer is not null. */
export function unfitness(scope: Scope): Unfit | null {
  if (!scope.isSecureContext) return "insecure";
  if (typeof scope.crypto?.getRandomValues !== "function") return "no_randomness";
  const modern = [scope.AbortSignal?.any, scope.fetch, "".isWellFormed];
  return modern.every((feature) => typeof feature === "function") ? null : "old_browser";
}
