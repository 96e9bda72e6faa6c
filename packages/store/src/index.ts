export * from "./contract.ts";
export * from "./errors.ts";
export { openStore } from "./open.ts";
export * from "./options.ts";
