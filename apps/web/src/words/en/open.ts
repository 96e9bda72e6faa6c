/** English, for the recipient's page. */
export const open = {
  title: "Someone sent you a secret",
  lead: "It is opened by the button, not by this page or by anything that looked at the link before you.",
  mayEnd: "When you open it, it may be destroyed. Be sure that you can read it now.",
  passphrase: "Passphrase",
  passphraseHint: "The sender told it to you by another way. Blanks count.",
  reveal: "Reveal",
  stillYours:
    "If the service had begun to answer, it keeps the secret for this page alone, but only for about a minute. Do not close this page, and try again soon.",
  steps: { stretching: "Working the passphrase into the key…", receiving: "Receiving and checking…" },
  seen: "This link came with its # changed, so this server, and whatever changed it, have seen all of it. They could open the secret. Tell the sender if that matters.",
};
