/** English, for the sender's page. */
export const compose = {
  title: "Send a secret, once",
  lead: "It is sealed in your browser. You get a link; once it is opened, or its time is over, what we keep is destroyed.",
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
};
