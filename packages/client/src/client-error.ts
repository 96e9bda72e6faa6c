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

/** Why something did not work: a code of the service's, or one of ours. `errorTable` tells what each means. */
export type ClientErrorCode =
  | ServiceErrorCode
  | "offline"
  | "bad_answer"
  | "damaged"
  | "wrong_link"
  | "no_passphrase";

/** What may accompany a code. */
export interface ClientErrorDetails {
  /** With `gone`: how the secret ended. */
  state?: EndState;
  /** With `gone`: when it ended, ISO 8601. */
  endedAt?: string;
  /** With `wrong_passphrase`: how many tries are left; the last one, when it is wrong too, destroys the secret. */
  attemptsLeft?: number;
  /** Seconds after which trying again may help, where the service said so. */
  retryAfter?: number;
  /** With `invalid_request`: each wrong field. */
  errors?: FieldFault[];
  /** When opening fails after its read was taken: until when this opener had it; ISO 8601 by the service's clock. */
  leaseEnds?: string;
  /** When opening fails and nobody knows whether its read was taken; if it was, this opener alone has it. */
  unanswered?: true;
}

/** Thrown by everything that talks to the service. Never carries a token, an id, a proof or a link. */
export class ClientError extends Error implements ClientErrorDetails {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  // Declared only: what a code does not come with is not there at all.
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
