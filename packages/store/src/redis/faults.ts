import { type StoreFault, StoreUnavailable } from "../errors.ts";

/** The first word of a Redis error, and its meaning for a caller. Others: `failed`. */
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
  ASK: "busy",
};

/** The driver's own errors, by their messages (ioredis 6.0.0): they have no codes. */
const BY_MESSAGE: readonly (readonly [string, StoreFault])[] = [
  ["Command timed out", "timeout"],
  ["Connection is closed", "connection"],
  ["Stream isn't writeable", "connection"],
  ["Reached the max retries per request", "connection"],
  ["Command aborted due to connection close", "connection"],
  ["Socket timeout", "connection"],
];

/**
 * Errors of scripts in a cluster, which have no code (Redis 7.0.15). The first: a part of a secret is moving.
 */
const IN_SCRIPT: readonly (readonly [string, StoreFault])[] = [
  ["Script attempted to access a non local key", "busy"],
  ["while the cluster is down", "connection"],
];

/** The node no longer serves the key's slot: nothing ran, and another node will run it. */
export class Moved extends StoreUnavailable {
  constructor() {
    super("connection");
  }
}

/** What a caller may know of any error. */
export function unavailable(error: unknown): StoreUnavailable {
  if (error instanceof StoreUnavailable) return error;
  if (error instanceof Error && error.message.startsWith("MOVED ")) return new Moved();
  return new StoreUnavailable(faultOf(error));
}

/** Reduces a driver's error, which carries the command's arguments, to a fault. */
export function faultOf(error: unknown): StoreFault {
  if (!(error instanceof Error)) return "failed";
  const { message } = error;
  for (const [words, fault] of BY_MESSAGE) if (message.startsWith(words)) return fault;
  for (const [words, fault] of IN_SCRIPT) if (message.includes(words)) return fault;
  if ("code" in error && typeof error.code === "string" && /^E[A-Z]+$/.test(error.code)) return "connection";
  const code = /^[A-Z]+/.exec(message)?.[0] ?? "";
  return BY_CODE[code] ?? "failed";
}
