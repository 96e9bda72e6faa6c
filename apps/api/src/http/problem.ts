import {
  type FieldFault,
  PROBLEM_MEDIA_TYPE,
  type Problem,
  type ProblemCode,
  problems,
  problemType,
} from "@mayfly/wire";
import type { FastifyReply } from "fastify";
import { NO_STORE } from "../plugins/helmet.ts";

type Details = Partial<Pick<Problem, "errors" | "state" | "endedAt" | "attemptsLeft">>;

/** Thrown by handlers and hooks; answered as its table row. Its message is the code, so nothing of a request is in it. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly details: Details;
  /** Sent as `Retry-After`; the table's default wait when left out. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ProblemCode, details: Details = {}, retryAfterSeconds?: number) {
    super(code);
    this.code = code;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** A 400 that names one field and what is allowed there. */
export function wrongField(field: string, allowed: string): ProblemError {
  return wrongFields([{ field, allowed }]);
}

export function wrongFields(errors: FieldFault[]): ProblemError {
  return new ProblemError("invalid_request", { errors });
}

/** A 400 for a body that could not be read at all. */
export function notJson(): ProblemError {
  return wrongField("body", "one JSON object in UTF-8");
}

const RETRY_AFTER_SECONDS: Partial<Record<ProblemCode, number>> = {
  halted: 60,
  unavailable: 2,
  store_full: 300,
  rate_limited: 60,
  quota_exceeded: 3600,
  busy: 2,
};

/** The problem's document, the same for the same code and details. */
export function problemDocument(code: ProblemCode, details: Details = {}): Problem {
  return {
    type: problemType(code),
    title: problems[code].title,
    status: problems[code].status,
    code,
    ...details,
  };
}

export function sendProblem(reply: FastifyReply, problem: ProblemError): FastifyReply {
  const { code, details } = problem;
  if (problems[code].waits)
    reply.header("retry-after", problem.retryAfterSeconds ?? RETRY_AFTER_SECONDS[code] ?? 1);
  // RFC 9110, section 11.6.1: a 401 names the scheme.
  if (code === "unauthorized") reply.header("www-authenticate", "Bearer");
  // Node drops what still comes of the body. A connection that is closed over it is reset, and the answer may be lost.
  if (code === "busy") reply.removeHeader("connection");
  // As bytes: Fastify would add a charset to text, and RFC 9457 gives the type no parameter.
  return reply
    .code(problems[code].status)
    .headers(NO_STORE)
    .type(PROBLEM_MEDIA_TYPE)
    .send(Buffer.from(JSON.stringify(problemDocument(code, details))));
}

/** The refusal of a client that has to wait this long. */
export function limitedFor(waitMs: number): ProblemError {
  return new ProblemError("rate_limited", {}, Math.max(1, Math.ceil(waitMs / 1000)));
}
