import { ClientError, type ClientErrorCode, type ClientErrorDetails } from "@mayfly/client";
import { CryptoError, type CryptoReason } from "@mayfly/crypto";

/**
 * What went wrong, as data that a state can hold and a catalogue can put into words. `empty` and `over_limit` are a
 * draft's own faults; `unexpected` is a fault of this page.
 */
export interface Fault extends ClientErrorDetails {
  code: ClientErrorCode | CryptoReason | "empty" | "over_limit" | "unexpected";
  /** With `over_limit`: bytes as sealed, and how many the service takes. */
  bytes?: number;
  limit?: number;
}

/** Every error as a fault. The page's own errors tell nothing: they might hold what was typed. */
export function faultOf(error: unknown): Fault {
  if (error instanceof CryptoError) return { code: error.reason };
  if (!(error instanceof ClientError)) return { code: "unexpected" };
  const { code, state, endedAt, attemptsLeft, retryAfter } = error;
  return {
    code,
    ...(state && { state }),
    ...(endedAt !== undefined && { endedAt }),
    ...(attemptsLeft !== undefined && { attemptsLeft }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

/** Faults after which nothing can be tried again with the same link. */
export function isFinal({ code }: Fault): boolean {
  return code === "gone" || code === "not_found" || code === "damaged";
}
