/** How a secret ended. */
export type EndState = "opened" | "expired" | "burned" | "locked";

/** One wrong field of a request. */
export interface FieldFault {
  /** The field's name, `body` for the body itself. */
  field: string;
  /** What it may be, as a sentence. */
  allowed: string;
}

/** The codes of the service's own refusals. */
export type ServiceErrorCode =
  | "invalid_request"
  | "unauthorized"
  | "cross_site"
  | "passphrase_required"
  | "wrong_passphrase"
  | "not_found"
  | "method_not_allowed"
  | "timeout"
  | "conflict"
  | "gone"
  | "too_large"
  | "unsupported_media_type"
  | "misdirected"
  | "rate_limited"
  | "quota_exceeded"
  | "headers_too_large"
  | "internal"
  | "halted"
  | "unavailable"
  | "busy"
  | "store_full";

/** Why a call failed: a code of the service or of this library. `errorTable` explains each code. */
export type ClientErrorCode =
  | ServiceErrorCode
  | "offline"
  | "bad_answer"
  | "damaged"
  | "wrong_link"
  | "no_passphrase";

/** Details that accompany some codes. */
export interface ClientErrorDetails {
  /** With `gone`: how the secret ended. */
  state?: EndState;
  /** With `gone`: when it ended, ISO 8601. */
  endedAt?: string;
  /**
   * With `wrong_passphrase`: how many tries are left. If the last one is wrong too, the secret is destroyed.
   */
  attemptsLeft?: number;
  /** Seconds to wait before a retry, if the service said so. */
  retryAfter?: number;
  /** With `invalid_request`: each wrong field. */
  errors?: FieldFault[];
  /**
   * If opening failed after its read was taken: when the read's lease ends; ISO 8601 by the service's clock.
   */
  leaseEnds?: string;
  /** True if opening failed without a response. The read may be taken, but then only this opener has it. */
  unanswered?: true;
}

/** Thrown by every function that talks to the service. Never carries a token, an id, a proof or a link. */
export class ClientError extends Error implements ClientErrorDetails {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  // `declare` only: a detail that does not apply is absent, not undefined.
  declare readonly state?: EndState;
  declare readonly endedAt?: string;
  declare readonly attemptsLeft?: number;
  declare readonly retryAfter?: number;
  declare readonly errors?: FieldFault[];
  declare readonly leaseEnds?: string;
  declare readonly unanswered?: true;

  constructor(code: ClientErrorCode, details: ClientErrorDetails = {}) {
    super(code);
    this.code = code;
    Object.assign(this, details);
  }
}
