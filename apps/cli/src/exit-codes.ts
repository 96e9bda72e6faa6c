/** How the command ends. The README has the same table; a test compares the two, and `mayfly help` prints this one. */
export const exitCodes = {
  done: { code: 0, means: "done" },
  unexpected: { code: 1, means: "a fault of mayfly itself, or an answer that makes no sense" },
  usage: { code: 2, means: "the command line, or what was to be protected, cannot be used" },
  link: { code: 3, means: "the link is missing, not whole, or of the other kind; nothing was asked" },
  gone: { code: 4, means: "there is nothing, or nothing any more, behind the link" },
  passphrase: { code: 5, means: "a passphrase is wanted, wrong, or unusable" },
  service: { code: 6, means: "the service is halted, full or out of reach; try again later" },
  output: { code: 7, means: "the answer could not be written, or something stands in its place" },
  damaged: { code: 8, means: "what the service gave is not what was sealed; none of it was handed out" },
  unreadable: { code: 9, means: "the secret is what was sealed, but not of a form that is known here" },
  hungUp: { code: 129, means: "stopped by the loss of its terminal (SIGHUP)" },
  stopped: { code: 130, means: "stopped by Ctrl-C, or by a question answered with no" },
  terminated: { code: 143, means: "stopped by SIGTERM" },
} as const;

export type Exit = keyof typeof exitCodes;
