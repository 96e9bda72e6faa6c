export * from "./contract.ts";
export * from "./errors.ts";
export * from "./options.ts";
export { openStore } from "./open.ts";
export type { RedisStore } from "./redis/store.ts";
