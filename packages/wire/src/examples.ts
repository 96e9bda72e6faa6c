/** One example of every body and response, for the OpenAPI document. The values are made up. */
import type { ProblemCode } from "./codes.ts";
import { problems, problemType } from "./problems.ts";
import type {
  ClaimBody,
  DepositedAll,
  DepositedSome,
  OpenBody,
  Problem,
  ReserveBody,
  Reserved,
  Service,
  Status,
  StatusBody,
} from "./schemas.ts";

export const exampleId = "b0nQ3mDk2yqv7uXh5sWf1g";

const linkProof = "3q2-7wD1uE0cR8hZkLmNvPtXyBaSdFgHjKqWeRtYuIo";
const claim = "Zk3vQ8mTr1nLx6cYp0Ws9A";

const examplesBySchema = {
  ReserveBody: {
    lifetime: 86_400,
    reads: 1,
    bytes: 334,
    verifiers: {
      link: "hV5yQ2nKc8tRw1xLz7mDp4bGs9fJa3eUo6iYqTvXk0M",
      manage: "Rt7uYi3oPa9sDf5gHj1kLz8xCv4bNm2qWe6rTyUiOpA",
    },
  } satisfies ReserveBody,
  OpenBody: { linkProof, claim } satisfies OpenBody,
  ClaimBody: { claim } satisfies ClaimBody,
  StatusBody: { linkProof } satisfies StatusBody,
  Reserved: {
    id: exampleId,
    parts: 1,
    partBytes: 1_048_576,
    depositBy: "2026-01-05T09:10:00.000Z",
  } satisfies Reserved,
  DepositedSome: { state: "reserved", missing: [[1, 2]] } satisfies DepositedSome,
  DepositedAll: { state: "live", expiresAt: "2026-01-06T09:01:30.000Z" } satisfies DepositedAll,
  Status: {
    state: "opened",
    expiresAt: "2026-01-06T09:01:30.000Z",
    readsLeft: 0,
    passphrase: false,
    attemptsLeft: null,
    openedAt: "2026-01-05T12:00:00.000Z",
    endedAt: "2026-01-05T12:00:01.250Z",
  } satisfies Status,
  Service: {
    state: "accepting",
    since: "2026-01-01T00:00:05.000Z",
    version: "1.0.0",
    limits: {
      lifetimeSeconds: { min: 300, default: 86_400, max: 2_592_000 },
      readsMax: 100,
      envelopeBytes: 67_108_864,
      partBytes: 1_048_576,
      leaseSeconds: 60,
      passphraseAttempts: 10,
    },
    maintenance: {
      lastSweepAt: "2026-01-05T09:00:00.000Z",
      nextSweepBy: "2026-01-05T10:15:00.000Z",
      erasedWithinSeconds: 10,
    },
  } satisfies Service,
};

/** Examples by schema name. */
export const examples: Readonly<Record<keyof typeof examplesBySchema, unknown>> = examplesBySchema;

const details: Partial<Record<ProblemCode, Partial<Problem>>> = {
  invalid_request: {
    errors: [
      { field: "lifetime", allowed: "whole seconds from 300 to 2592000, counted from the last deposit" },
    ],
  },
  wrong_passphrase: { attemptsLeft: 9 },
  gone: { state: "opened", endedAt: "2026-01-05T12:00:01.250Z" },
};

export function exampleProblem(code: ProblemCode): Problem {
  const { status, title } = problems[code];
  return { type: problemType(code), title, status, code, ...details[code] };
}
