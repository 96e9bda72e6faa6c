import type { EndState, FieldFault, ProblemCode } from "@mayfly/wire";

/**
 * Why something did not work: a code of the service's own table (`@mayfly/wire`), or one of ours:
 * `offline` no whole answer came (network fault, or too slow); what was sent may or may not have arrived,
 * `bad_answer` an answer that the protocol does not know, from the service or from something in between,
 * `damaged` what the service gave is not what was sealed: nothing of it is handed out,
 * `wrong_link` a manage link where the secret's link is wanted, or the other way round,
 * `no_passphrase` a passphrase for a secret that was sealed without one.
 */
export type ClientErrorCode =
  | ProblemCode
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
}

/** Thrown by everything that talks to the service. Never carries a token, an id, a proof or a link. */
export class ClientError extends Error implements ClientErrorDetails {
  override readonly name = "ClientError";
  readonly code: ClientErrorCode;
  readonly state?: EndState;
  readonly endedAt?: string;
  readonly attemptsLeft?: number;
  readonly retryAfter?: number;
  readonly errors?: FieldFault[];

  constructor(code: ClientErrorCode, details: ClientErrorDetails = {}) {
    super(code);
    this.code = code;
    Object.assign(this, details);
  }
}
