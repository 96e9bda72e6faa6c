export { type Clock, systemClock } from "./clock.ts";
export { type Config, readConfig } from "./config.ts";
export { configurationTable } from "./documentation.ts";
export { createLog, type Log } from "./log.ts";
export { ConfigRefused, isLoopback } from "./parse.ts";
