import { exact } from "./amounts.ts";

/** English, for the manage page. */
export const manage = {
  state: "State",
  states: {
    reserved: "Not stored yet",
    live: "Waiting to be opened",
    claimed: "Being opened now",
    opened: "Opened as often as it could be",
    expired: "Expired",
    burned: "Deleted with this manage link",
    locked: "Deleted after too many wrong passphrases",
  },
  openedAt: "First opened",
  never: "Not yet",
  endedAt: "Ended",
  expiresAt: "Expires",
  readsLeft: "Times it can still be opened",
  unlimited: "Unlimited",
  attemptsLeft: "Passphrase tries left",
  told: (at: string) => `As of ${exact(at)}.`,
  history: "Your browser may keep this manage link in its history.",
  asking: "Asking the service…",
  refresh: "Refresh",
  burn: "Delete now",
  burnSure: "Delete this secret? Nobody will be able to open it.",
  burnYes: "Yes, delete it",
  burnNo: "Keep it",
  burning: "Deleting…",
  burned: "Deleted. Nobody can open it any more.",
  exact,
};
