import type { Unfit } from "../../environment.ts";
import type { Fault } from "../../fault.ts";

import { clock, count, exact, size, span } from "./amounts.ts";

const later = (seconds: number | undefined) => (seconds ? `in ${span(seconds)}` : "in a moment");

const ourFault = "Something went wrong on this page. Please try again.";
const serverFault = "The service gave an answer that makes no sense. Please try again later.";

/** What a fault is called. Whatever a fault brings along (times, counts) is in the sentence. */
const faults: Partial<Record<Fault["code"], string | ((fault: Fault) => string)>> = {
  empty: "There is nothing to protect yet: type or paste a message first.",
  over_limit: ({ bytes = 0, limit = 0 }) =>
    `This message has ${size(bytes)}, and this service takes ${size(limit)} at most, sealed. Nothing was sent.`,
  passphrase_empty: "Please type the passphrase.",
  passphrase_long: "This passphrase is too long: 1,024 bytes is the most.",
  passphrase_malformed: "This passphrase holds half of a character. Please type it again.",
  text: "This message holds half of a character, perhaps cut off in copying. Please check its ends.",
  no_randomness:
    "This browser gives no secure random numbers, so nothing can be protected here. Nothing was sent.",
  offline: "The service could not be reached, or its answer was lost. Check the connection and try again.",
  bad_answer: serverFault,
  internal: serverFault,
  damaged:
    "What the service gave is not what the sender sealed. Nothing of it is shown. Ask the sender to send it again.",
  not_found:
    "There is nothing here for this link. It may have ended a while ago. Ask the sender to send it again.",
  passphrase_required: "This secret needs its passphrase.",
  wrong_passphrase: ({ attemptsLeft }) =>
    `That passphrase is not right. The secret is still there${attemptsLeft ? `: ${count(attemptsLeft, "try is", "tries are")} left, then it is destroyed` : ""}.`,
  too_large: "This is larger than the service takes. Nothing was kept.",
  rate_limited: ({ retryAfter }) =>
    `Too many requests came from this network. Please try again ${later(retryAfter)}.`,
  quota_exceeded: ({ retryAfter }) =>
    `This network has deposited as many bytes as it may for now. Please try again ${later(retryAfter)}.`,
  busy: ({ retryAfter }) => `Too much is on its way at the moment. Please try again ${later(retryAfter)}.`,
  halted: "The service is halted. Time limits keep running.",
  unavailable: ({ retryAfter }) =>
    `The service cannot do this right now. Please try again ${later(retryAfter)}.`,
  store_full: ({ retryAfter }) =>
    `The service has no room for more secrets right now. Please try again ${later(retryAfter)}.`,
  invalid_request: "The service does not accept these choices. Nothing was kept.",
  unexpected: ourFault,
};

/** English, what every page needs. Functions take what stands in the sentence; everything else stands as it is. */
export const page = {
  language: "en",
  direction: "ltr" as "ltr" | "rtl",

  fault: (fault: Fault): string => {
    const said = faults[fault.code] ?? ourFault;
    return typeof said === "string" ? said : said(fault);
  },
  span,
  /** While tries go on: until when, null as long as a halt lasts. */
  waiting: (until: string | null) =>
    until === null
      ? "The service is halted. This page tries again until it is open…"
      : `That did not work yet. Trying again until ${clock(until)}…`,

  manageTitle: "Manage your secret",
  copied: "Copied",
  copyPassphrase: "Copy passphrase",
  copyDenied: "The browser did not allow it. The text is selected: press Ctrl+C (⌘C on a Mac).",
  show: "Show",
  hide: "Hide",
  tryAgain: "Try again",
  cleared: {
    title: "Cleared",
    text: "This page was left, so what it showed was cleared from it. If the secret can still be opened, open its link again.",
  },
  lost: {
    title: "There is no such page",
    text: "If you came by a link, open it again from where you received it.",
  },
  halted: {
    title: "The service is halted",
    why: (lastSweepAt: string | null) =>
      `Its clean-up is overdue, so it neither takes nor gives secrets. ${lastSweepAt ? `The clean-up last began on ${exact(lastSweepAt)}.` : "No clean-up has been completed yet."}`,
    wait: "Time limits keep running. This page looks every few seconds, and lets you go on when the service does.",
  },
  unfit: {
    insecure:
      "This page came over plain http, so anybody between could have changed it. Secrets are disabled here. Use its https address.",
    no_randomness: "This browser gives no secure random numbers. Secrets are disabled here.",
    old_browser: "This browser is too old for Mayfly. Please use a current one.",
  } satisfies Record<Unfit, string>,
  unfitTitle: "Mayfly cannot be used here",
  newSecret: "Send a secret yourself",
  footer: {
    what: "Mayfly gives a secret to as many readers as its sender chose. The key is in the part of the link that browsers do not send.",
    keeps: "Mayfly sets no cookies, writes no request log, and loads nothing from others.",
    state: "Is it working?",
  },
};
