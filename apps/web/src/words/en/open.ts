import { clock } from "./amounts.ts";

/** English, for the recipient's page. */
export const open = {
  title: "Someone sent you a secret",
  lead: "This page has not opened it. It opens when you press Reveal.",
  mayEnd:
    "It may open only once, so press when you are ready to read it and to keep what you need. Your browser may keep the link in its history.",
  passphrase: "Passphrase",
  passphraseHint: "The sender told it to you by another way. Spaces count.",
  reveal: "Reveal",
  held: (hold: string) =>
    hold === "unanswered"
      ? "If a try reached the service, it may have taken a read. Then this page alone may try again, for a short time. Keep it open, and try again now."
      : `The service gave this page a read, and last said that it may try again until ${clock(hold)}. Nobody else gets that read. Keep this page open, and try again now.`,
  steps: { stretching: "Working the passphrase into the key…", receiving: "Receiving and checking…" },
  seen: "This link came with its # changed, so this server, and whatever changed it, have seen all of it. That is enough to open a secret without a passphrase. Tell the sender if that matters.",
};
