/**
 * The service's answers, checked by hand: it is not trusted, and a page has no room for a schema library. Fields that
 * are not known are ignored; a field that is missing or of another form makes the whole answer a `bad_answer`.
 */
import { decodeBase64url } from "@mayfly/crypto";
import {
  type DepositedAll,
  type DepositedSome,
  PART_BYTES,
  PARTS_MAX,
  READS,
  type Reserved,
  UNLIMITED_READS,
} from "@mayfly/wire";
import {
  ClientError,
  type ClientErrorDetails,
  type EndState,
  type FieldFault,
  type ServiceErrorCode,
} from "./client-error.ts";
import type { Service } from "./service.ts";
import type { State, Status } from "./status.ts";

type Fields = Record<string, unknown>;

const endStates: readonly unknown[] = ["opened", "expired", "burned", "locked"] satisfies EndState[];
// Only the codes: the table's sentences are not worth their weight in a page.
const problemCodes: Record<ServiceErrorCode, true> = {
  invalid_request: true,
  unauthorized: true,
  cross_site: true,
  passphrase_required: true,
  wrong_passphrase: true,
  not_found: true,
  method_not_allowed: true,
  timeout: true,
  conflict: true,
  gone: true,
  too_large: true,
  unsupported_media_type: true,
  misdirected: true,
  rate_limited: true,
  quota_exceeded: true,
  headers_too_large: true,
  internal: true,
  halted: true,
  unavailable: true,
  busy: true,
  store_full: true,
};
const states: readonly unknown[] = ["reserved", "live", "claimed", ...endStates];
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const longestSentence = 300;

function demand(right: boolean): asserts right {
  if (!right) throw new ClientError("bad_answer");
}

function fieldsOf(value: unknown): Fields {
  demand(typeof value === "object" && value !== null);
  return value as Fields;
}

function isTime(value: unknown): value is string {
  return typeof value === "string" && isoTime.test(value) && !Number.isNaN(Date.parse(value));
}

function time(value: unknown): string {
  demand(isTime(value));
  return value;
}

function timeOrNull(value: unknown): string | null {
  return value === null ? null : time(value);
}

function whole(value: unknown, min: number, max = Number.MAX_SAFE_INTEGER): number {
  demand(Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max);
  return value as number;
}

function reads(value: unknown): number | "unlimited" {
  return value === UNLIMITED_READS ? UNLIMITED_READS : whole(value, 0, READS.max);
}

/** A reservation for an envelope of `bytes`, whose parts add up; its id decoded too. */
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

/** What a deposited part of `parts` led to. */
export function depositedAnswer(answer: unknown, parts: number): DepositedSome | DepositedAll {
  const { state, missing, expiresAt } = fieldsOf(answer);
  if (state === "live") return { state, expiresAt: time(expiresAt) };
  demand(state === "reserved" && Array.isArray(missing) && missing.length > 0 && missing.length <= parts);
  return { state, missing: missing.map((part) => whole(part, 0, parts - 1)) };
}

export function statusAnswer(answer: unknown): Status {
  const { state, expiresAt, readsLeft, passphrase, attemptsLeft, openedAt, endedAt } = fieldsOf(answer);
  demand(states.includes(state) && typeof passphrase === "boolean");
  const status: Status = {
    state: state as State,
    expiresAt: time(expiresAt),
    readsLeft: reads(readsLeft),
    passphrase,
    attemptsLeft: attemptsLeft === null ? null : whole(attemptsLeft, 0),
  };
  if (openedAt !== undefined) status.openedAt = time(openedAt);
  if (endedAt !== undefined) status.endedAt = time(endedAt);
  return status;
}

export function serviceAnswer(answer: unknown): Service {
  const { state, since, version, ...rest } = fieldsOf(answer);
  const limits = fieldsOf(rest.limits);
  const lifetime = fieldsOf(limits.lifetimeSeconds);
  const maintenance = fieldsOf(rest.maintenance);
  demand((state === "accepting" || state === "halted") && typeof version === "string");
  return {
    state,
    since: time(since),
    version: version.slice(0, longestSentence),
    limits: {
      lifetimeSeconds: {
        min: whole(lifetime.min, 1),
        default: whole(lifetime.default, 1),
        max: whole(lifetime.max, 1),
      },
      readsMax: whole(limits.readsMax, 1),
      envelopeBytes: whole(limits.envelopeBytes, 1),
      partBytes: whole(limits.partBytes, 1),
      leaseSeconds: whole(limits.leaseSeconds, 0),
      passphraseAttempts: whole(limits.passphraseAttempts, 1),
    },
    maintenance: {
      lastSweepAt: timeOrNull(maintenance.lastSweepAt),
      nextSweepBy: timeOrNull(maintenance.nextSweepBy),
      erasedWithinSeconds:
        maintenance.erasedWithinSeconds === null ? null : whole(maintenance.erasedWithinSeconds, 0),
    },
  };
}

/** Reads left, out of a header. */
export function readsHeader(value: string | null): number | "unlimited" {
  return reads(value === UNLIMITED_READS ? value : wholeHeader(value, 0));
}

/** A whole number out of a header. */
export function wholeHeader(value: string | null, min: number, max?: number): number {
  demand(value !== null && /^\d{1,15}$/.test(value));
  return whole(Number(value), min, max);
}

/** A time out of a header, ISO 8601. */
export function timeHeader(value: string | null): string {
  return time(value);
}

/** That the service did what it was told. Something in between that answers everything has not. */
export function doneAnswer(answer: { status: number; drop(): void }): void {
  if (answer.status !== 204) answer.drop();
  demand(answer.status === 204);
}

/** What a refusal says, as far as it has the protocol's form; what has not is left out. */
export function problemAnswer(answer: unknown): { code?: ServiceErrorCode; details: ClientErrorDetails } {
  const details: ClientErrorDetails = {};
  if (typeof answer !== "object" || answer === null) return { details };
  const { code, state, endedAt, attemptsLeft, errors } = answer as Fields;
  if (endStates.includes(state)) details.state = state as EndState;
  if (isTime(endedAt)) details.endedAt = endedAt;
  if (Number.isSafeInteger(attemptsLeft) && (attemptsLeft as number) > 0)
    details.attemptsLeft = attemptsLeft as number;
  if (Array.isArray(errors)) details.errors = errors.slice(0, 20).filter(isFieldFault);
  return typeof code === "string" && Object.hasOwn(problemCodes, code)
    ? { code: code as ServiceErrorCode, details }
    : { details };
}

function isFieldFault(value: unknown): value is FieldFault {
  const { field, allowed } = (value ?? {}) as Fields;
  const short = (text: unknown) => typeof text === "string" && text.length <= longestSentence;
  return short(field) && short(allowed);
}
