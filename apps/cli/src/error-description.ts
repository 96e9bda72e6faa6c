import { ClientError, type ClientErrorCode, CryptoError, type CryptoReason } from "@mayfly/client";
import { count, span, time } from "./amounts.ts";
import type { Exit } from "./exit-codes.ts";
import { Fault, Stopped } from "./fault.ts";
import { fateOfRead } from "./read-fate.ts";

/** How a fault ends the command, and what is said of it; "" says nothing. */
interface ErrorDescription {
  exit: Exit;
  sentence: string;
}

const nonsense = "The service gave an answer that makes no sense. Nothing can be said of what it did.";
const wrongPassphrase = ({ attemptsLeft }: ClientError) =>
  `That passphrase is not right.${attemptsLeft === undefined ? "" : ` The secret is still there: ${count(attemptsLeft, "try is", "tries are")} left, then it is destroyed.`}`;

const ofService: Record<ClientErrorCode, [Exit, string | ((error: ClientError) => string)]> = {
  invalid_request: ["usage", "The service does not accept these choices. Nothing was kept."],
  unauthorized: ["unexpected", nonsense],
  cross_site: ["unexpected", nonsense],
  passphrase_required: ["passphrase", "This secret needs its passphrase."],
  wrong_passphrase: ["passphrase", wrongPassphrase],
  not_found: ["gone", "There is nothing here for this link. It may have ended a while ago."],
  method_not_allowed: ["unexpected", nonsense],
  timeout: ["service", "The service could not be reached in time. Try again."],
  conflict: ["unexpected", nonsense],
  gone: ["gone", gone],
  too_large: ["usage", "This is larger than the service takes. Nothing was kept."],
  unsupported_media_type: ["unexpected", nonsense],
  misdirected: ["service", "The service is not found under this address. Use its own."],
  rate_limited: ["service", (error) => `Too many requests came from here. Try again ${later(error)}.`],
  quota_exceeded: [
    "service",
    (error) => `This network has deposited as many bytes as it may for now. Try again ${later(error)}.`,
  ],
  headers_too_large: ["unexpected", nonsense],
  internal: ["unexpected", "The service made a mistake. Try again later."],
  halted: [
    "service",
    "The service is halted, because its clean-up is overdue: it neither takes nor gives secrets. Time limits keep running.",
  ],
  unavailable: ["service", (error) => `The service cannot do this right now. Try again ${later(error)}.`],
  busy: ["service", (error) => `Too much is on its way at the moment. Try again ${later(error)}.`],
  store_full: ["service", (error) => `The service has no room right now. Try again ${later(error)}.`],
  offline: ["service", "The service could not be reached, or its answer was lost."],
  bad_answer: ["unexpected", nonsense],
  damaged: [
    "damaged",
    "What the service gave is not what the sender sealed. Nothing of it was handed out. Ask the sender to send it again.",
  ],
  wrong_link: ["link", "This is a link of the other kind than is wanted here."],
  no_passphrase: ["passphrase", "This secret has no passphrase, and was not touched. Leave the option out."],
};

const ofCrypto: Partial<Record<CryptoReason, [Exit, string]>> = {
  no_randomness: ["unexpected", "This machine gives no secure random numbers. Nothing was sent."],
  link_missing: ["link", "There is no link in what was given."],
  link_incomplete: ["link", "A part of this link is missing. Nothing was used up: get the whole link."],
  link_damaged: ["link", "Some of this link's characters are not those that were sent. Nothing was used up."],
  link_version: ["link", "This link is of another version of Mayfly, or its first character was changed."],
  link_flags: ["link", "This link was made by a newer version of Mayfly than this one."],
  passphrase_empty: ["passphrase", "The passphrase is empty."],
  passphrase_long: ["passphrase", "The passphrase is too long: 1,024 bytes is the most."],
  passphrase_malformed: ["passphrase", "The passphrase is no well-formed text."],
  content_length: ["usage", "A file changed while it was read. Nothing was kept."],
  text: ["usage", "The text is not well formed."],
  fields: ["damaged", "The secret is whole, but not of a form that is known here."],
  meta: ["usage", "A file's name cannot be sent: it is a path, too long, or holds control characters."],
};

/** Every error as an exit and a sentence. One that nobody foresaw tells its class alone: it might hold a secret. */
export function describeError(error: unknown): ErrorDescription {
  if (error instanceof Stopped || error instanceof Fault)
    return { exit: error.exit, sentence: error.message };
  if (error instanceof CryptoError) {
    const [exit, sentence] = ofCrypto[error.reason] ?? ["unexpected", unforeseen(error)];
    return { exit, sentence };
  }
  if (!(error instanceof ClientError)) return { exit: "unexpected", sentence: unforeseen(error) };
  const [exit, said] = ofService[error.code];
  const sentence = typeof said === "string" ? said : said(error);
  const { endedAt, leaseEnds = null, unanswered = false } = error;
  // A secret that ended within the lease was had until then.
  const hadUntil = leaseEnds !== null && isBefore(endedAt, leaseEnds) ? endedAt : leaseEnds;
  const fate = hadUntil !== null || unanswered ? ` ${fateOfRead({ leaseEnds: hadUntil, unanswered })}` : "";
  return { exit, sentence: `${sentence}${fate}` };
}

function unforeseen(error: unknown): string {
  const { code } = error as { code?: unknown };
  const kind = typeof code === "string" ? code : error instanceof Error ? error.name : typeof error;
  return `Something went wrong in mayfly itself (${kind}).`;
}

/** Of two times by the service's clock. */
function isBefore(time: string | undefined, other: string | undefined): time is string {
  return time !== undefined && other !== undefined && Date.parse(time) < Date.parse(other);
}

function later({ retryAfter }: ClientError): string {
  return retryAfter ? `in ${span(retryAfter)}` : "in a moment";
}

function gone({ state, endedAt, leaseEnds, unanswered }: ClientError): string {
  const at = endedAt === undefined ? "" : `: ${time(endedAt)}`;
  switch (state) {
    case "opened":
      // Nothing but a burn cuts a lease short. What this claim is told ended no earlier otherwise.
      if (isBefore(endedAt, leaseEnds))
        return `This secret was destroyed with its manage link before all of it had come${at}.`;
      if (leaseEnds !== undefined) return "The lease of this read ended before all of the secret had come.";
      if (unanswered)
        return `This secret was opened${at}: by this command, whose answer was lost, or by someone else.`;
      return `This secret was opened before${at}. If that was not you, treat it as read by someone else, and tell the sender.`;
    case "expired":
      return `This secret has expired${at}. Nobody can open it any more.`;
    case "burned":
      return `This secret was deleted by its sender${at}. Nobody can open it any more.`;
    case "locked":
      return `This secret was destroyed after too many wrong passphrases${at}. Ask the sender to send it again.`;
    default:
      return "This secret is gone.";
  }
}
