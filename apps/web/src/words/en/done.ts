import { exact } from "./amounts.ts";

const opensFor = (reads: number | "unlimited") => {
  if (reads === "unlimited") return "opens as often as wanted";
  return reads === 1 ? "opens once" : `opens ${reads} times`;
};

/** English, for the page with the finished link. */
export const done = {
  title: "Your link is ready",
  link: "Link for the recipient",
  expires: (reads: number | "unlimited", at: string) =>
    `It ${opensFor(reads)}, until ${exact(at)}. After that nobody can open it.`,
  share: (link: string, reads: number | "unlimited", at: string) =>
    `I sent you a secret: ${link}\nIt ${opensFor(reads)}, until ${exact(at)}.`,
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
};
