export * from "./contract.ts";
export * from "./errors.ts";
export { CLOCK_BEHIND_MS, DEPOSIT_MS, LEASE_IN_ALL_MS, PASSPHRASE_ATTEMPTS } from "./life.ts";
export { openStore } from "./open.ts";
export * from "./options.ts";
