export type * from "./contract/maintenance.ts";
export * from "./contract/rate-limits.ts";
export * from "./contract/secrets.ts";
export * from "./contract/store.ts";
export * from "./errors.ts";
export { CLOCK_BEHIND_MS, depositMs, leaseInAllMs, PASSPHRASE_ATTEMPTS, RUNNING_CLAIMS } from "./life.ts";
export { openStore } from "./open.ts";
export * from "./options.ts";
