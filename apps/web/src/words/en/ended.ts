import type { EndState } from "@mayfly/wire";
import { exact } from "./amounts.ts";

const states: Record<EndState, { title: string; text(at: string | undefined): string }> = {
  opened: {
    title: "This secret has been opened",
    text: (at) =>
      `${at ? `It was opened and destroyed on ${exact(at)}.` : "It was opened before."} If that was not you, treat it as read by someone else, and tell the sender.`,
  },
  expired: {
    title: "This secret has expired",
    text: (at) =>
      `${at ? `Its time ended on ${exact(at)}.` : "Its time is over."} Nobody can open it any more.`,
  },
  burned: {
    title: "This secret was deleted by its sender",
    text: (at) =>
      `${at ? `It was deleted on ${exact(at)}.` : "It was deleted."} Nobody can open it any more.`,
  },
  locked: {
    title: "This secret was destroyed",
    text: (at) =>
      `Too many wrong passphrases were tried${at ? `, the last on ${exact(at)}` : ""}. Ask the sender to send it again.`,
  },
};

/** English, for a secret that its link cannot open any more. */
export const ended = {
  states,
  notFound: "Nothing here",
  damaged: "This secret is damaged",
};
