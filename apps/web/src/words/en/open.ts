/** English, for the recipient's page. */
export const open = {
  title: "Someone sent you a secret",
  lead: "This page has not opened it. It opens when you press Reveal.",
  mayEnd: "It may open only once, so press when you are ready to read it and to keep what you need.",
  passphrase: "Passphrase",
  passphraseHint: "The sender told it to you by another way. Spaces count.",
  reveal: "Reveal",
  stillYours:
    "If the service had begun to answer, it keeps the secret for this page alone, but only for about a minute. Do not close this page, and try again soon.",
  steps: {
    stretching: "Working the passphrase into the key…",
    receiving: "Receiving and checking…",
    waiting: "The service does not answer. Trying again…",
  },
  seen: "This link came with its # changed, so this server, and whatever changed it, have seen all of it. They could open the secret. Tell the sender if that matters.",
};
