/** The states of a secret and of a service: closed lists that the schemas and the client use. */

/** How a secret ended, as its tombstone tells. */
export const END_STATES = ["opened", "expired", "burned", "locked"] as const;
export type EndState = (typeof END_STATES)[number];

/** A secret's state. `claimed`: the last read was taken, and its lease is running. */
export const STATES = ["reserved", "live", "claimed", ...END_STATES] as const;
export type State = (typeof STATES)[number];

/** `halted`: the sweep is overdue, and only what destroys still works. */
export const SERVICE_STATES = ["accepting", "halted"] as const;
