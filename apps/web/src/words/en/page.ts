import type { EndState } from "@mayfly/wire";
import type { Unfit } from "../../environment.ts";
import type { Fault } from "../../fault.ts";

import { count, exact, size, span } from "./amounts.ts";

const later = (seconds: number | undefined) => (seconds ? `in ${span(seconds)}` : "in a moment");

const ended: Record<EndState, { title: string; text(at: string | undefined): string }> = {
  opened: {
    title: "This secret has been opened",
    text: (at) =>
      `${at ? `It was opened, and ended on ${exact(at)}.` : "It was opened before."} If that was not you, treat it as read by someone else, and tell the sender.`,
  },
  expired: {
    title: "This secret has expired",
    text: (at) =>
      `${at ? `Its time ended on ${exact(at)}.` : "Its time is over."} Nobody can open it any more.`,
  },
  burned: {
    title: "This secret was deleted by its sender",
    text: (at) =>
      `${at ? `It was deleted on ${exact(at)}.` : "It was deleted."} Nobody can open it any more.`,
  },
  locked: {
    title: "This secret was destroyed",
    text: (at) =>
      `Too many wrong passphrases were tried${at ? `, the last on ${exact(at)}` : ""}. Ask the sender to send it again.`,
  },
};

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
  offline:
    "The service could not be reached, or its answer was lost. Nothing was lost. Check the connection and try again.",
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
    `Too many requests came from here. Nothing was lost. Please try again ${later(retryAfter)}.`,
  halted: "The service is halted. Nothing was lost.",
  unavailable: ({ retryAfter }) =>
    `The service cannot do this right now. Nothing was lost. Please try again ${later(retryAfter)}.`,
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

  compose: {
    title: "Send a secret, once",
    lead: "It is sealed in your browser. You get a link; opening it destroys what we keep.",
    message: "Secret message",
    lifetime: "Expires after",
    reads: "Opens",
    readsChoice: (reads: number | "unlimited") =>
      reads === "unlimited" ? "As often as wanted until it expires" : reads === 1 ? "Once" : `${reads} times`,
    passphrase: "Passphrase (optional)",
    passphraseHint:
      "Whoever opens the link must type it too. Blanks count. Tell it by another way than the link.",
    suggest: "Suggest one",
    suggested: (bits: number) =>
      `Suggested: ${bits} random bits. Write it down or tell it now; the page forgets it.`,
    protect: "Protect message",
    steps: {
      stretching: "Working the passphrase into the key…",
      reserving: "Asking the service for a place…",
      sealing: "Sealing the message here…",
      storing: "Storing. The link works in a moment: do not close this page yet.",
    },
    storing: "Your link",
  },
  manageTitle: "Manage your secret",
  copied: "Copied",
  copyDenied: "The browser did not allow it. The text is selected: press Ctrl+C (⌘C on a Mac).",
  show: "Show",
  hide: "Hide",
  tryAgain: "Try again",
  open: {
    title: "Someone sent you a secret",
    lead: "It is opened by the button, not by this page or by anything that looked at the link before you.",
    mayEnd: "When you open it, it may be destroyed. Be sure that you can read it now.",
    passphrase: "Passphrase",
    passphraseHint: "The sender told it to you by another way. Blanks count.",
    reveal: "Reveal",
    steps: { stretching: "Working the passphrase into the key…", receiving: "Receiving and checking…" },
    seen: "This link came with its # changed, so this server, and whatever changed it, have seen all of it. They could open the secret. Tell the sender if that matters.",
  },
  ended,
  notFound: "Nothing here",
  damaged: "This secret is damaged",
  mixed: {
    manageTitle: "This is a manage link",
    manage:
      "It does not open the secret; it checks or deletes it, and belongs to the sender. If you are the recipient, ask for the other link.",
    goManage: "Go on to manage it",
    linkTitle: "This is the recipient's link",
    link: "It opens the secret. To check or delete it, you need the manage link that you got with it.",
    goOpen: "Go on to open it",
  },
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
    wait: "Nothing was lost. This page looks every few seconds and goes on by itself.",
  },
  unfit: {
    insecure:
      "This page came over plain http, so anybody between could change it. Secrets are disabled here. Use its https address.",
    no_randomness: "This browser gives no secure random numbers. Secrets are disabled here.",
    old_browser: "This browser is too old for Mayfly. Please use a current one.",
  } satisfies Record<Unfit, string>,
  unfitTitle: "Mayfly cannot be used here",
  newSecret: "Send a secret yourself",
  footer: {
    what: "Mayfly carries one secret to one person. The key is in the link and never reaches this service.",
    keeps: "No cookies, no request log, nothing from third parties.",
    state: "Service state",
  },
};
