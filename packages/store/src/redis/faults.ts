import type { StoreFault } from "../errors.ts";

/** The first word of a Redis error, and what it means to a caller of the store. Others: `failed`. */
const BY_CODE: Readonly<Record<string, StoreFault>> = {
  OOM: "full",
  READONLY: "read_only",
  MISCONF: "read_only",
  NOREPLICAS: "read_only",
  BUSY: "busy",
  UNKILLABLE: "busy",
  TRYAGAIN: "busy",
  LOADING: "connection",
  MASTERDOWN: "connection",
  CLUSTERDOWN: "connection",
  MOVED: "connection",
  ASK: "connection",
};

/** Errors of the driver itself, by its words (ioredis 6.0.0): it has no codes for them. */
const BY_MESSAGE: readonly (readonly [string, StoreFault])[] = [
  ["Command timed out", "timeout"],
  ["Connection is closed", "connection"],
  ["Stream isn't writeable", "connection"],
  ["Reached the max retries per request", "connection"],
  ["Command aborted due to connection close", "connection"],
  ["Socket timeout", "connection"],
];

/** Reduces a driver's error, which carries the command's arguments, to a fault, which carries nothing. */
export function faultOf(error: unknown): StoreFault {
  if (!(error instanceof Error)) return "failed";
  const { message } = error;
  for (const [words, fault] of BY_MESSAGE) if (message.startsWith(words)) return fault;
  if ("code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code)) return "connection";
  const code = /^[A-Z]+/.exec(message)?.[0] ?? "";
  return BY_CODE[code] ?? "failed";
}
