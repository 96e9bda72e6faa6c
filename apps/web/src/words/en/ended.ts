import type { EndState } from "@mayfly/wire";
import type { Hold } from "../../open/open-machine.ts";
import { clock, exact } from "./amounts.ts";

/** What is said of a read that this page had, or may have had; `rest` when it had none. */
const had = (hold: Hold, rest: string) => {
  if (hold === null) return rest;
  return hold === "unanswered"
    ? "This page asked for it and got no answer. If that was when it was opened, nobody has read it here. If not, treat it as read by someone else, and tell the sender."
    : `This page had it, until ${clock(hold)}, and did not receive all of it in that time. Nothing of it was shown. Ask the sender to send it again.`;
};

const states: Record<EndState, { title: string; text(at: string | undefined, hold: Hold): string }> = {
  opened: {
    title: "This secret has been opened",
    text: (at, hold) =>
      `${at ? `It was opened, by ${exact(at)} at the latest.` : "It was opened before."} ${had(hold, "If that was not you, treat it as read by someone else, and tell the sender.")}`,
  },
  expired: {
    title: "This secret has expired",
    text: (at, hold) =>
      `${at ? `Its time ended on ${exact(at)}.` : "Its time is over."} ${had(hold, "It cannot be opened any more.")}`,
  },
  burned: {
    title: "This secret was deleted",
    text: (at, hold) =>
      `${at ? `It was deleted on ${exact(at)}, with its manage link.` : "It was deleted with its manage link."} ${had(hold, "It cannot be opened any more.")}`,
  },
  locked: {
    title: "This secret was destroyed",
    text: (at, hold) =>
      `Too many wrong passphrases were tried${at ? `, the last on ${exact(at)}` : ""}. ${had(hold, "Ask the sender to send it again.")}`,
  },
};

/** English, for a secret that its link cannot open any more. */
export const ended = {
  states,
  notFound: "Nothing here",
  damaged: "This secret is damaged",
};
