/** English, for the sender's page. */
export const compose = {
  title: "Send a secret",
  lead: "Your message is encrypted in your browser, and you get a link to send. Nobody can open it any more once it has been opened as often as you choose, or its time is over.",
  message: "Secret message",
  lifetime: "Expires after",
  reads: "Opens",
  readsChoice: (reads: number | "unlimited") =>
    reads === "unlimited" ? "As often as wanted until it expires" : reads === 1 ? "Once" : `${reads} times`,
  passphrase: "Passphrase (optional)",
  passphraseHint:
    "Whoever opens the link must type it too. Spaces count. Tell it by another way than the link.",
  suggest: "Suggest one",
  suggested: (bits: number) => `Hard to guess: ${bits} random bits. It is shown once more, with the link.`,
  protect: "Protect message",
  steps: {
    stretching: "Working the passphrase into the key…",
    reserving: "Asking the service for a place…",
    sealing: "Encrypting the message here…",
    storing: "Storing. The link does not work yet: do not close this page.",
    withdrawn: "Taking back what was stored…",
  },
  storing: "Your link",
};
