/**
 * Every problem code, ordered by status. The sentences are in problems.ts, so that a page need not load them.
 */
export const PROBLEM_CODES = [
  "invalid_request",
  "unauthorized",
  "cross_site",
  "passphrase_required",
  "wrong_passphrase",
  "not_found",
  "method_not_allowed",
  "timeout",
  "conflict",
  "gone",
  "too_large",
  "unsupported_media_type",
  "misdirected",
  "rate_limited",
  "quota_exceeded",
  "headers_too_large",
  "internal",
  "halted",
  "unavailable",
  "busy",
  "store_full",
] as const;

export type ProblemCode = (typeof PROBLEM_CODES)[number];
