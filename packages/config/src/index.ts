export { type Clock, systemClock } from "./clock.ts";
export { type Config, readConfig } from "./config.ts";
export { configurationTable } from "./documentation.ts";
export { createLog, type Log, type LogFields, type LogLevel } from "./log.ts";
export { ConfigRefused, type Environment, isLoopback } from "./parse.ts";
