/** English, for the sender's page. */
export const compose = {
  title: "Send a secret, once",
  lead: "Your message is encrypted in your browser, and you get a link to send. Once it has been opened, or its time is over, it is destroyed.",
  message: "Secret message",
  lifetime: "Expires after",
  reads: "Opens",
  readsChoice: (reads: number | "unlimited") =>
    reads === "unlimited" ? "As often as wanted until it expires" : reads === 1 ? "Once" : `${reads} times`,
  passphrase: "Passphrase (optional)",
  passphraseHint:
    "Whoever opens the link must type it too. Spaces count. Tell it by another way than the link.",
  suggest: "Suggest one",
  suggested: (bits: number) =>
    `Hard to guess: ${bits} random bits. Write it down or tell it now, since it is not shown again.`,
  protect: "Protect message",
  steps: {
    stretching: "Working the passphrase into the key…",
    reserving: "Asking the service for a place…",
    sealing: "Encrypting the message here…",
    storing: "Storing. The link works in a moment: do not close this page yet.",
    waiting: "The service does not answer. Trying again…",
    withdrawn: "Taking back what was stored…",
  },
  storing: "Your link",
};
