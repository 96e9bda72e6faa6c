/**
 * Checks the service's responses, because the client does not trust the service. A schema library would be
 * too large for a page. Unknown fields are ignored; a missing or malformed field makes the whole response a
 * `bad_answer`.
 */
import { decodeBase64url } from "@mayfly/crypto";
import {
  type DepositedAll,
  type DepositedSome,
  END_STATES,
  PART_BYTES,
  PARTS_MAX,
  PROBLEM_CODES,
  type Reserved,
} from "@mayfly/wire";
import {
  ClientError,
  type ClientErrorDetails,
  type FieldFault,
  type ServiceErrorCode,
} from "./client-error.ts";

type Fields = Record<string, unknown>;

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
/** The most characters kept of any text of the service. */
export const longestSentence = 300;

/** Throws ClientError `bad_answer` unless `right` is true. */
export function demand(right: boolean): asserts right {
  if (!right) throw new ClientError("bad_answer");
}

/** Whether a value is one of a closed list. */
export function isOneOf<const Value>(list: readonly Value[], value: unknown): value is Value {
  return (list as readonly unknown[]).includes(value);
}

/** The fields of a JSON object. */
export function fieldsOf(value: unknown): Fields {
  demand(typeof value === "object" && value !== null);
  return value as Fields;
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && isoTime.test(value) && !Number.isNaN(Date.parse(value));
}

/** A time, ISO 8601. */
export function time(value: unknown): string {
  demand(isTime(value));
  return value;
}

export function timeOrNull(value: unknown): string | null {
  return value === null ? null : time(value);
}

/** A whole number within these bounds. */
export function whole(value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): number {
  demand(Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max);
  return value as number;
}

/** A reservation whose parts add up to `bytes`, with its id decoded. */
export function reservedAnswer(answer: unknown, bytes: number): Reserved & { idBytes: Uint8Array } {
  const { id, parts, partBytes, depositBy } = fieldsOf(answer);
  const size = whole(partBytes, 1, PART_BYTES.max);
  demand(whole(parts, 1, PARTS_MAX) === Math.ceil(bytes / size));
  demand(typeof id === "string" && id.length === 22);
  let idBytes: Uint8Array;
  try {
    idBytes = decodeBase64url(id);
  } catch {
    throw new ClientError("bad_answer");
  }
  return { id, parts: parts as number, partBytes: size, depositBy: time(depositBy), idBytes };
}

/** The result of a deposit of one of `parts` parts. */
export function depositedAnswer(answer: unknown, parts: number): DepositedSome | DepositedAll {
  const { state, missing, expiresAt } = fieldsOf(answer);
  if (state === "live") return { state, expiresAt: time(expiresAt) };
  demand(state === "reserved" && Array.isArray(missing) && missing.length > 0);
  let least = 0;
  const ranges = missing.map((range): [number, number] => {
    demand(Array.isArray(range));
    const first = whole(range[0], least, parts - 1);
    const last = whole(range[1], first, parts - 1);
    least = last + 1;
    return [first, last];
  });
  return { state, missing: ranges };
}

/** Requires status 204: a captive portal or proxy that answers every request gives another status. */
export function doneAnswer(answer: { status: number; drop(): void }): void {
  if (answer.status !== 204) answer.drop();
  demand(answer.status === 204);
}

/** The code and details of a problem. Leaves out everything that does not have the protocol's form. */
export function problemAnswer(answer: unknown): { code?: ServiceErrorCode; details: ClientErrorDetails } {
  const details: ClientErrorDetails = {};
  if (typeof answer !== "object" || answer === null) return { details };
  const { code, state, endedAt, attemptsLeft, errors } = answer as Fields;
  if (isOneOf(END_STATES, state)) details.state = state;
  if (isTime(endedAt)) details.endedAt = endedAt;
  if (Number.isSafeInteger(attemptsLeft) && (attemptsLeft as number) > 0)
    details.attemptsLeft = attemptsLeft as number;
  if (Array.isArray(errors)) details.errors = errors.slice(0, 20).filter(isFieldFault);
  return isOneOf(PROBLEM_CODES, code) ? { code, details } : { details };
}

function isFieldFault(value: unknown): value is FieldFault {
  const { field, allowed } = (value ?? {}) as Fields;
  const short = (text: unknown) => typeof text === "string" && text.length <= longestSentence;
  return short(field) && short(allowed);
}
