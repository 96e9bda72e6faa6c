import type { LinkFault } from "../../address.ts";

const brokenLink: Record<LinkFault, string> = {
  link_missing:
    "This address holds no link code. If you reloaded the page, what it showed is gone from here: open the link again from where you received it.",
  link_incomplete: "A part of this link is missing. It was probably cut off when it was copied or sent.",
  link_damaged: "This link was changed on its way: some of its characters are not the ones that were sent.",
  link_version: "This link was made by another version of Mayfly, or its first character was changed.",
  link_flags: "This link was made by a newer version of Mayfly than this one.",
};

/** English, for a link that is not whole. */
export const broken = {
  title: (reason: LinkFault) =>
    reason === "link_missing" ? "There is no link here" : "This link is not whole",
  reason: (reason: LinkFault) => brokenLink[reason],
  pasted: (reason: LinkFault) =>
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
};
