/** Short ways to tell a history by hand, for the tests of the checker. */
import type { Call, CallKind, Guarantee, History, Outcome, SecretFacts } from "../../chaos/history.ts";
import { check, type RuleName } from "../../chaos/model.ts";

export const NOTHING_LOST: Guarantee = { forgets: [], undoes: [] };
export const SECRET: SecretFacts = {
  secret: 1,
  reads: 1,
  passphrase: false,
  parts: ["h0", "h1"],
  leaseMs: 3_000,
};
/** The monotonic clock of these stories starts at the epoch, so that both kinds of time read alike. */
export const EXPIRES = 300_000;

export const live: Outcome = { is: "done", expiresAt: EXPIRES };
export const done: Outcome = { is: "done" };
export const none: Outcome = { is: "none", why: "reset" };
export const bytes = (leaseEnds = 3_100, hash = "h0"): Outcome => ({
  is: "bytes",
  hash,
  readsLeft: 0,
  leaseEnds,
});
export const notFound: Outcome = { is: "problem", status: 404, code: "not_found" };
export const unavailable: Outcome = { is: "problem", status: 503, code: "unavailable" };
export const gone = (state: "opened" | "expired" | "burned" | "locked"): Outcome => ({
  is: "problem",
  status: 410,
  code: "gone",
  state,
});
export const wrong = (attemptsLeft: number): Outcome => ({
  is: "problem",
  status: 403,
  code: "wrong_passphrase",
  attemptsLeft,
});
export const status = (attemptsLeft: number): Outcome => ({
  is: "status",
  state: "live",
  readsLeft: 1,
  attemptsLeft,
  expiresAt: EXPIRES,
});

export type Line = readonly [at: number, kind: CallKind, outcome: Outcome, more?: Partial<Call>];

/** A history of lines that begin at `at` and take ten milliseconds, after a deposit that was confirmed. */
export function story(
  lines: readonly Line[],
  more: Partial<History> & { facts?: Partial<SecretFacts> } = {},
): History {
  const all: Line[] = [[0, "deposit", live], ...lines];
  const calls = all.map(
    ([at, kind, outcome, rest], number): Call => ({
      number,
      kind,
      secret: 1,
      by: "somebody",
      showing: "right",
      invokedAt: at,
      completedAt: at + 10,
      outcome,
      ...rest,
    }),
  );
  const { facts, ...others } = more;
  return {
    epoch: 0,
    secrets: [{ ...SECRET, ...facts }],
    calls,
    faults: [],
    clockSteps: [],
    calmAt: Number.POSITIVE_INFINITY,
    remainders: [],
    ...others,
  };
}

export const broken = (history: History, guarantee = NOTHING_LOST): RuleName[] =>
  [...new Set(check(history, guarantee).map(({ rule }) => rule))].sort();

export const a = { claim: "a" };
export const b = { claim: "b" };
export const guess = { showing: "wrong_passphrase", claim: "g" } as const;
export const withPassphrase = { facts: { passphrase: true } };

export const nineWrong = Array.from(
  { length: 9 },
  (_, n): Line => [100 + 20 * n, "open", wrong(9 - n), guess],
);
