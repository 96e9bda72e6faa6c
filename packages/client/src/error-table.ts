import { CryptoError, type CryptoReason } from "@mayfly/crypto";
import { ClientError, type ClientErrorCode } from "./client-error.ts";

/** The codes of every error that this library throws on purpose: one closed table. */
export type ErrorCode =
  | ClientErrorCode
  | Extract<
      CryptoReason,
      | "no_randomness"
      | "argument"
      | "link_missing"
      | "link_incomplete"
      | "link_damaged"
      | "link_version"
      | "link_flags"
      | "passphrase_empty"
      | "passphrase_long"
      | "passphrase_malformed"
      | "meta"
      | "content_length"
      | "text"
      | "fields"
    >;

/**
 * What a code means, and what a caller should do. Sentences for programmers, to be put into a person's words.
 */
export interface ErrorEntry {
  readonly meaning: string;
  readonly advice: string;
}

/**
 * Every code, in the order in which a caller will care. Codes up to `no_passphrase` are those of
 * `ClientError`; the rest are those of `CryptoError`, and come before anything is asked of the service, but
 * for `content_length`.
 */
export const errorTable: Readonly<Record<ErrorCode, ErrorEntry>> = {
  wrong_passphrase: {
    meaning:
      "The passphrase is wrong. `attemptsLeft` more are survived; the last one, when wrong too, destroys the secret. Without it nothing was asked of the service: another passphrase has taken the read.",
    advice: "Ask the person again, saying how many tries are left, and use the same opener.",
  },
  passphrase_required: {
    meaning: "The secret needs a passphrase, and none was given. Nothing was used up.",
    advice: "Ask the person for it, and use the same opener.",
  },
  no_passphrase: {
    meaning: "A passphrase was given for a secret that was sealed without one. Nothing was asked.",
    advice: "Open without it.",
  },
  gone: {
    meaning:
      "The secret has ended: `state` is opened, expired, burned or locked, `endedAt` the time. Or all reads are taken.",
    advice:
      "Do not try again. Tell the state. Opened, by neither this person nor this opener (`leaseEnds`, `unanswered`), means that somebody else has read it.",
  },
  not_found: {
    meaning:
      "There is nothing for this link: it never was, its deposit was not completed, or it ended long ago.",
    advice: "Do not try again. Ask the sender for a new link.",
  },
  damaged: {
    meaning: "What the service gave is not what was sealed. Nothing of it was handed out.",
    advice: "Trust nothing that a sink was given. Ask the sender to send anew, and tell the operator.",
  },
  wrong_link: {
    meaning: "A manage link where the secret's link is wanted, or the other way round.",
    advice: "Ask for the other link. A manage link is for the sender alone.",
  },
  offline: {
    meaning:
      "No whole answer came: a network fault, or too long a silence. What was sent may or may not have arrived.",
    advice:
      "It has been tried again already, as long as that was of use. Opening: the same opener again. `leaseEnds` tells until when it has the read, `unanswered` that it may have one.",
  },
  unavailable: {
    meaning:
      "The service cannot do this right now; or it has lost a part of a streamed secret being deposited.",
    advice: "Try later: opening with the same opener, protecting from the beginning.",
  },
  timeout: {
    meaning: "The request took too long to arrive, or a deposit longer than its reservation lasts.",
    advice: "Try later, on a faster line.",
  },
  rate_limited: {
    meaning: "Too many requests from this address.",
    advice: "Wait for `retryAfter` seconds, then try again.",
  },
  quota_exceeded: {
    meaning: "This address has deposited as many bytes as the service takes from it in an hour.",
    advice: "Wait for `retryAfter` seconds, or send less.",
  },
  busy: {
    meaning: "Too many bytes are on their way to or from the service, or this address. Nothing was done.",
    advice: "Wait for `retryAfter` seconds, then try again.",
  },
  halted: {
    meaning: "The service stands still until its clean-up has succeeded. Only what destroys still works.",
    advice: "Try later. What is stored stays as it is, though time limits keep running.",
  },
  store_full: {
    meaning: "The service has no room for more secrets right now.",
    advice: "Wait for `retryAfter` seconds, or send less.",
  },
  too_large: {
    meaning: "The secret is larger than this service takes.",
    advice: "Send less: `service()` tells `limits.envelopeBytes`.",
  },
  invalid_request: {
    meaning: "The service does not take these values. `errors` names each field and what it may be.",
    advice: "Change them: `service()` tells the limits of lifetime, reads and size.",
  },
  unauthorized: {
    meaning: "The manage token did not arrive, or not whole: something in between took it away.",
    advice: "Check what stands before the server: it must pass `Authorization` on.",
  },
  cross_site: {
    meaning: "The service refuses requests from other sites' pages.",
    advice: "In a browser, use a page of the service's own origin.",
  },
  misdirected: {
    meaning: "The service is not found under the name by which it was asked.",
    advice: "Use the service's own address; a proxy before it must pass `Host` on.",
  },
  conflict: {
    meaning: "A part was deposited already, with other bytes.",
    advice: "Protect from the beginning. If it comes again, something in between changes what is sent.",
  },
  method_not_allowed: {
    meaning: "The address does not take this method: another version, or something in between.",
    advice: "Check the server's address and what stands before it.",
  },
  unsupported_media_type: {
    meaning: "The content type is not the wanted one: another version, or something in between.",
    advice: "Check the server's address and what stands before it.",
  },
  headers_too_large: {
    meaning: "The request's headers are larger than allowed: something in between adds to them.",
    advice: "Check what stands before the server.",
  },
  internal: {
    meaning: "The service made a mistake.",
    advice: "Try once more, then tell the operator.",
  },
  bad_answer: {
    meaning: "An answer that the protocol does not know, from the service or from something in between.",
    advice:
      "Check that the server's address is that of a Mayfly service, and that no portal or proxy answers for it.",
  },
  link_missing: { meaning: "Nothing in the text looks like a link.", advice: "Ask for the link." },
  link_incomplete: {
    meaning: "A part of the link was cut off.",
    advice: "Ask for the whole link, up to its last character.",
  },
  link_damaged: {
    meaning: "The link was mistyped or changed on its way. Nothing was asked, and nothing used up.",
    advice: "Ask for the link to be copied again.",
  },
  link_version: { meaning: "The link is of a version that this library does not know.", advice: "Upgrade." },
  link_flags: { meaning: "The link wants something that this library does not know.", advice: "Upgrade." },
  passphrase_empty: {
    meaning: "The passphrase has no characters. Blanks count.",
    advice: "Ask for one, or leave it out.",
  },
  passphrase_long: { meaning: "The passphrase has more than 1,024 bytes.", advice: "Ask for a shorter one." },
  passphrase_malformed: {
    meaning: "The passphrase holds half of a surrogate pair, which has no UTF-8 form.",
    advice: "Ask for another one.",
  },
  text: {
    meaning: "The text holds half of a surrogate pair; or what was opened as a text is not UTF-8.",
    advice: "Send it as a file; offer what was opened as bytes. See `unreadable` of `Opened`.",
  },
  fields: {
    meaning: "The named texts of a login or contact are not of the strict form.",
    advice: "Correct the names; offer what was opened as bytes. See `unreadable` of `Opened`.",
  },
  meta: {
    meaning:
      "No files, a name that is no plain file name, a media type that is none, or names of more than 64 KiB together.",
    advice: "Rename the files: no path, no control characters, at most 255 bytes of UTF-8 each.",
  },
  content_length: {
    meaning: "A file gave more or fewer bytes than it said: it was changed while it was read. No link works.",
    advice: "Protect from the beginning, when nobody writes to it.",
  },
  no_randomness: {
    meaning: "The platform has no working source of randomness.",
    advice: "Nothing is sealed on this machine: repair or leave it.",
  },
  argument: {
    meaning: "A link code was handed in that `readLink` did not make.",
    advice: "Correct the program.",
  },
};

/**
 * The code of an error that this library threw on purpose; null for any other: a signal's reason, a sink's
 * error, a fault.
 */
export function errorCode(error: unknown): ErrorCode | null {
  if (error instanceof ClientError) return error.code;
  if (error instanceof CryptoError && Object.hasOwn(errorTable, error.reason))
    return error.reason as ErrorCode;
  return null;
}
