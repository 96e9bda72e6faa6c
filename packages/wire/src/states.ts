/** The states of a secret and of a service, each a closed list. Schemas and clients are built from them. */

/** How a secret ended; what a tombstone tells. */
export const END_STATES = ["opened", "expired", "burned", "locked"] as const;
export type EndState = (typeof END_STATES)[number];

/** Where a secret is in its life. `claimed`: its last read was taken, and the lease is running. */
export const STATES = ["reserved", "live", "claimed", ...END_STATES] as const;
export type State = (typeof STATES)[number];

/** `halted`: the sweep is overdue, and only what destroys still works. */
export const SERVICE_STATES = ["accepting", "halted"] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];
