import type { LinkFault } from "../address.ts";
import type { Fault } from "../fault.ts";
import type { Hold } from "../open/open-machine.ts";
import type { Catalogue, EndedSentences } from "./catalogue.ts";
import type { Formats } from "./formats.ts";

/** The English catalogue. */
export function english({ clock, exact, plural, size, span }: Formats): Catalogue {
  const later = (seconds: number | undefined) => (seconds ? `in ${span(seconds)}` : "in a moment");
  const ourFault = "Something went wrong on this page. Please try again.";
  const serverFault = "The service gave an answer that makes no sense. Please try again later.";
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
      `That passphrase is not right.${attemptsLeft ? ` The secret is still there: ${plural(attemptsLeft, { one: "# try is", other: "# tries are" })} left, then it is destroyed.` : ""}`,
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
  const brokenLink: Record<LinkFault, string> = {
    link_missing:
      "This address holds no link code. If you reloaded the page, what it showed is gone from here: open the link again from where you received it.",
    link_incomplete: "A part of this link is missing. It was probably cut off when it was copied or sent.",
    link_damaged: "This link was changed on its way: some of its characters are not the ones that were sent.",
    link_version: "This link was made by another version of Mayfly, or its first character was changed.",
    link_flags: "This link was made by a newer version of Mayfly than this one.",
  };
  const had = (at: string | undefined, hold: Hold, rest: string) => {
    if (hold === null) return rest;
    if (hold === "unanswered")
      return "This page asked for it and got no answer. If that was when it was opened, nobody has read it here. If not, treat it as read by someone else, and tell the sender.";
    const missed = endedWithin(at, hold)
      ? "This page had it at that time, and had not received all of it"
      : `This page had it, until ${clock(hold)}, and did not receive all of it in that time`;
    return `${missed}. Nothing of it was shown. Ask the sender to send it again.`;
  };
  const opened = (at: string | undefined, hold: Hold) => {
    if (!at) return "It was opened before.";
    // Nothing but a burn ends a lease early.
    return endedWithin(at, hold)
      ? `It was destroyed with its manage link on ${exact(at)}.`
      : `It was opened, by ${exact(at)} at the latest.`;
  };
  const states: EndedSentences["states"] = {
    opened: {
      title: "This secret has been opened",
      text: (at, hold) =>
        `${opened(at, hold)} ${had(at, hold, "If that was not you, treat it as read by someone else, and tell the sender.")}`,
    },
    expired: {
      title: "This secret has expired",
      text: (at, hold) =>
        `${at ? `Its time ended on ${exact(at)}.` : "Its time is over."} ${had(at, hold, "It cannot be opened any more.")}`,
    },
    burned: {
      title: "This secret was deleted",
      text: (at, hold) =>
        `${at ? `It was deleted on ${exact(at)}, with its manage link.` : "It was deleted with its manage link."} ${had(at, hold, "It cannot be opened any more.")}`,
    },
    locked: {
      title: "This secret was destroyed",
      text: (at, hold) =>
        `Too many wrong passphrases were tried${at ? `, the last on ${exact(at)}` : ""}. ${had(at, hold, "Ask the sender to send it again.")}`,
    },
  };
  const opensFor = (reads: number | "unlimited") => {
    if (reads === "unlimited") return "opens as often as wanted";
    return reads === 1 ? "opens once" : `opens ${reads} times`;
  };
  return {
    language: "en",
    direction: "ltr",
    page: {
      fault(fault) {
        const sentence = faults[fault.code] ?? ourFault;
        return typeof sentence === "string" ? sentence : sentence(fault);
      },
      span,
      waiting: (until) =>
        until === null
          ? "The service is halted. This page tries again until it is open…"
          : `That did not work yet. Trying again until ${clock(until)}…`,

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
        why: (lastSweepAt) =>
          `Its clean-up is overdue, so it neither takes nor gives secrets. ${lastSweepAt ? `The clean-up last began on ${exact(lastSweepAt)}.` : "No clean-up has been completed yet."}`,
        wait: "Time limits keep running. This page looks every few seconds, and lets you go on when the service does.",
      },
      unfit: {
        insecure:
          "This page came over plain http, so anybody between could have changed it. Secrets are disabled here. Use its https address.",
        no_randomness: "This browser gives no secure random numbers. Secrets are disabled here.",
        old_browser: "This browser is too old for Mayfly. Please use a current one.",
      },
      unfitTitle: "Mayfly cannot be used here",
      newSecret: "Send a secret yourself",
      footer: {
        what: "Mayfly gives a secret to as many readers as its sender chose. The key is in the part of the link that browsers do not send.",
        keeps: "Mayfly sets no cookies, writes no request log, and loads nothing from others.",
        state: "Is it working?",
      },
    },
    compose: {
      title: "Send a secret",
      lead: "Your message is encrypted in your browser, and you get a link to send. Nobody can open it any more once it has been opened as often as you choose, or its time is over.",
      message: "Secret message",
      lifetime: "Expires after",
      reads: "Opens",
      readsChoice: (reads) =>
        reads === "unlimited"
          ? "As often as wanted until it expires"
          : reads === 1
            ? "Once"
            : `${reads} times`,
      passphrase: "Passphrase (optional)",
      passphraseHint:
        "Whoever opens the link must type it too. Spaces count. Tell it by another way than the link.",
      suggest: "Suggest one",
      suggested: (bits) => `Hard to guess: ${bits} random bits. It is shown once more, with the link.`,
      protect: "Protect message",
      steps: {
        stretching: "Working the passphrase into the key…",
        reserving: "Asking the service for a place…",
        sealing: "Encrypting the message here…",
        storing: "Storing. The link does not work yet: do not close this page.",
        withdrawn: "Taking back what was stored…",
      },
      storing: "Your link",
    },
    ready: {
      title: "Your link is ready",
      link: "Link for the recipient",
      expires: (reads, at) => `It ${opensFor(reads)}, until ${exact(at)}. After that nobody can open it.`,
      share: (link, reads, at) => `I sent you a secret: ${link}\nIt ${opensFor(reads)}, until ${exact(at)}.`,
      copyLink: "Copy link",
      copyShare: "Copy with a note",
      qr: "Show QR code",
      qrHide: "Hide QR code",
      qrLabel: "QR code of the link",
      passphrase: "Remember to tell the passphrase, by another way than this link.",
      visits:
        "Scanners and previews that only visit the link do not use it up; a program that presses buttons like a person can.",
      manage: "Only for you: check or delete",
      manageHint:
        "Do not send this one. It shows whether the secret was opened, and deletes it. Keep it if you may need that.",
      manageLink: "Private manage link",
      copyManage: "Copy manage link",
      another: "Protect another",
      notCopied: "Not all of this has been copied, and it is not shown again. Go on without it?",
      ended: "This secret has ended",
    },
    open: {
      title: "Someone sent you a secret",
      lead: "This page has not opened it. It opens when you press Reveal.",
      mayEnd:
        "It may open only once, so press when you are ready to read it and to keep what you need. Your browser may keep the link in its history.",
      passphrase: "Passphrase",
      passphraseHint: "The sender told it to you by another way. Spaces count.",
      reveal: "Reveal",
      held: (hold) =>
        hold === "unanswered"
          ? "If a try reached the service, it may have taken a read. Then this page alone may try again, for a short time. Keep it open, and try again now."
          : `The service gave this page a read, and last said that it may try again until ${clock(hold)}. Nobody else gets that read. Keep this page open, and try again now.`,
      steps: { stretching: "Working the passphrase into the key…", receiving: "Receiving and checking…" },
      seen: "This link came with its # changed, so this server, and whatever changed it, have seen all of it. That is enough to open a secret without a passphrase. Tell the sender if that matters.",
    },
    opened: {
      title: "The secret",
      copy: "Copy",
      copyField: (name) => `Copy ${name}`,
      save: "Save",
      saveText: "Save as a file",
      saveBytes: "Save its bytes",
      sized: (bytes) => `(${size(bytes)})`,
      beginning: "Only the beginning is shown here. Copy and Save take all of it.",
      unreadable:
        "The secret arrived whole, but this page does not know its form and cannot show it. You can save it.",
      unsaved: (at) =>
        `The service is told once you have pressed Save. Until ${clock(at)} it keeps the secret for this page.`,
      asking: "Telling the service that it has arrived…",
      confirmed:
        "The service gives it to no further reader, and deletes it as soon as nobody else is still receiving it.",
      unconfirmed: (at) =>
        `The service did not confirm that it deleted the secret. It does so by itself, usually by ${clock(at)}.`,
      erased: (within) =>
        within === null
          ? "Its sealed bytes may stay in the service's files until its server rewrites them; without this link nobody can open them."
          : `Its sealed bytes are erased from the service's files within ${span(within)} of that.`,
      copyFirst: "Copy or save what you need before you leave this page.",
      readsLeft: (left) =>
        `${
          left === "unlimited"
            ? "It can be opened again until it expires or is deleted."
            : `It can be opened ${plural(left, { one: "# more time", other: "# more times" })}, until it expires or is deleted.`
        } Your browser may keep the link in its history.`,
    },
    ended: {
      states,
      notFound: "Nothing here",
      damaged: "This secret is damaged",
    },
    broken: {
      title: (reason) => (reason === "link_missing" ? "There is no link here" : "This link is not whole"),
      reason: (reason) => brokenLink[reason],
      pasted: (reason) =>
        reason === "link_missing" ? "There is no link in what you pasted." : brokenLink[reason],
      usesNothing:
        "Coming here uses nothing up. Whether the secret was opened before is told when you open the whole link and press Reveal. Paste it here, or ask the sender for it again.",
      seen: "The link came with its # changed, so this server, and whatever changed it, have seen what there is of it.",
      paste: "Paste the link",
      go: "Use this link",
      mixed: {
        manageTitle: "This is a manage link",
        manage:
          "It does not open the secret. It checks or deletes it, and belongs to the sender. If you are the recipient, ask for the other link.",
        goManage: "Go on to manage it",
        linkTitle: "This is the recipient's link",
        link: "It opens the secret. To check or delete it, you need the manage link that you got with it.",
        goOpen: "Go on to open it",
      },
    },
    manage: {
      title: "Manage your secret",
      state: "State",
      states: {
        reserved: "Not stored yet",
        live: "Waiting to be opened",
        claimed: "Being opened now",
        opened: "Opened as often as it could be",
        expired: "Expired",
        burned: "Deleted with this manage link",
        locked: "Deleted after too many wrong passphrases",
      },
      openedAt: "First opened",
      never: "Not yet",
      endedAt: "Ended",
      expiresAt: "Expires",
      readsLeft: "Times it can still be opened",
      unlimited: "Unlimited",
      attemptsLeft: "Passphrase tries left",
      told: (at) => `As of ${exact(at)}.`,
      history: "Your browser may keep this manage link in its history.",
      asking: "Asking the service…",
      refresh: "Refresh",
      burn: "Delete now",
      burnSure: "Delete this secret? Nobody will be able to open it.",
      burnYes: "Yes, delete it",
      burnNo: "Keep it",
      burning: "Deleting…",
      burned: "Deleted. Nobody can open it any more.",
      exact,
    },
  };
}

/** Whether the secret ended while the page had a read of it. Both times are by the service's clock. */
function endedWithin(at: string | undefined, hold: Hold): boolean {
  return at !== undefined && hold !== null && Date.parse(at) < Date.parse(hold);
}
