/**
 * Every environment variable, once: name, meaning, default, parser. The operator's table in infra/ is made from it.
 */
import { ENVELOPE_BYTES, LEASE_SECONDS, LIFETIME_SECONDS, PART_BYTES } from "@mayfly/wire";
import {
  addresses,
  boolean,
  certificates,
  integer,
  key,
  listenAddress,
  nonEmpty,
  oneOf,
  origin,
  type Parser,
  redisUrl,
  restored,
} from "./parsers.ts";

export interface Variable<T> {
  /** One or two sentences for the operator. */
  readonly doc: string;
  readonly parse: Parser<T>;
  /** The text that stands in when the variable is unset; undefined: the value is then undefined. */
  readonly fallback?: string;
  /** Its value is never shown, and it may also come as a file named by `NAME_FILE`. */
  readonly secret?: true;
}

/** With a default the value is always there; without one it may be undefined. */
function withDefault<T>(parse: Parser<T>, fallback: string, doc: string): Variable<T> {
  return { doc, parse, fallback };
}
function optional<T>(parse: Parser<T>, doc: string, more: { secret?: true } = {}): Variable<T | undefined> {
  return { doc, parse, ...more };
}

export const variables = {
  PORT: withDefault(integer(0, 65_535), "8080", "The port to listen on; 0 takes any free one."),
  HOST: withDefault(
    listenAddress,
    "127.0.0.1",
    "The address to listen on. localhost is 127.0.0.1. 0.0.0.0 or :: listens on all addresses, and needs PUBLIC_URL.",
  ),
  PUBLIC_URL: optional(
    origin,
    "The address that people use, such as https://secrets.example.org. Other origins are refused, and other hosts get 421; loopback names are served. If unset, only loopback names are served, and HOST must be loopback.",
  ),
  DATA_DIR: withDefault(
    nonEmpty,
    "./data",
    "The folder of the embedded SQLite store, made with mode 0700. Unused with REDIS_URL.",
  ),
  MAYFLY_MARK_DIR: optional(
    nonEmpty,
    "The folder in which API and worker remember the store's age, to notice a copy that is put back (see Backups). Keep it outside the data directory and out of every backup. If unset: DATA_DIR followed by -mark.",
  ),
  MAYFLY_RESTORED: optional(
    restored,
    "The way on after a start that refused a store which was put back. discard:CODE drops all that was stored before, accept:CODE keeps it. The refused start prints the code. A code works once.",
  ),
  REDIS_URL: optional(
    redisUrl,
    "Keep everything in this Redis (7.0 or later, maxmemory-policy noeviction) instead of SQLite: redis://user:password@host:6379/0, rediss://…, redis+sentinel://user:password@host:26379,host:26379/group/0 or redis+cluster://user:password@host:6379,host:6379",
    { secret: true },
  ),
  TRUSTED_PROXIES: withDefault(
    addresses,
    "",
    "Addresses and CIDRs of the reverse proxies whose X-Forwarded-For is believed. If empty, the header is ignored.",
  ),
  LOG_LEVEL: withDefault(
    oneOf("error", "warn", "info"),
    "info",
    "How much is written to standard error. No level logs requests.",
  ),
  MAYFLY_ALLOW_HTTP: withDefault(
    boolean,
    "false",
    "Accept a PUBLIC_URL with http:// that is not localhost. Browsers will refuse to protect or open anything there.",
  ),
  MAYFLY_LIFETIME_MAX_SECONDS: withDefault(
    integer(LIFETIME_SECONDS.min, LIFETIME_SECONDS.max),
    String(LIFETIME_SECONDS.max),
    "The longest lifetime a sender may choose.",
  ),
  MAYFLY_ENVELOPE_MAX_BYTES: withDefault(
    integer(PART_BYTES.min, ENVELOPE_BYTES.max),
    String(ENVELOPE_BYTES.default),
    "The largest envelope accepted.",
  ),
  MAYFLY_PART_BYTES: withDefault(
    integer(PART_BYTES.min, PART_BYTES.max),
    String(PART_BYTES.default),
    "The length in bytes of the parts in which envelopes are deposited and read.",
  ),
  MAYFLY_LEASE_SECONDS: withDefault(
    integer(LEASE_SECONDS.min, LEASE_SECONDS.max),
    String(LEASE_SECONDS.default),
    "How long an opener, and nobody else, may repeat a read whose response was lost. 0 destroys the secret in the step that reads it.",
  ),
  MAYFLY_HEARTBEAT_MAX_AGE_SECONDS: withDefault(
    integer(1, 86_400),
    "4500",
    "The service halts when the last complete sweep started longer ago. Sweeps run hourly: below 3600 the service halts between them.",
  ),
  MAYFLY_STORE_MAX_BYTES: withDefault(
    integer(PART_BYTES.min, 2 ** 50),
    String(2 ** 30),
    "The most the store may hold: pages in use in SQLite, used memory in Redis (of a cluster's primaries together). Envelopes of more than 64 KiB may use 15/16 of it. Beyond it new secrets are refused; nothing is ever evicted.",
  ),
  MAYFLY_STORE_TIMEOUT_MS: withDefault(
    integer(50, 60_000),
    "800",
    "The time limit of a store step, in milliseconds. A request whose step takes longer is answered 503.",
  ),
  MAYFLY_REDIS_PERSISTENCE: withDefault(
    oneOf("any", "none", "aof", "rdb", "aof+rdb"),
    "any",
    "What the Redis server must have configured. any accepts what is found, and logs it at the start. With any other value, start and sweeps fail if the server differs.",
  ),
  MAYFLY_REDIS_UNVERIFIED: withDefault(
    boolean,
    "false",
    "true accepts a server that forbids CONFIG, as hosted ones do. What then nobody verifies is said at every start.",
  ),
  MAYFLY_REDIS_CA: optional(
    certificates,
    "The certificate authority (PEM) that a rediss:// server is checked against, instead of the system's.",
    { secret: true },
  ),
  MAYFLY_REDIS_SENTINEL_PASSWORD: optional(
    nonEmpty,
    "The password of the Sentinels themselves, if they have one.",
    { secret: true },
  ),
  MAYFLY_REDIS_WAIT_REPLICAS: withDefault(
    integer(0, 16),
    "0",
    "How many Redis replicas confirm a read, an end or a completed deposit before it is answered; when fewer do, the answer is 503. Set it to the number of all replicas (in a cluster: of each primary), each with appendonly yes.",
  ),
  MAYFLY_REDIS_WAIT_MS: withDefault(
    integer(10, 59_000),
    "500",
    "How many milliseconds the replicas have to confirm. It must be less than MAYFLY_STORE_TIMEOUT_MS.",
  ),
  MAYFLY_RATE_LIMITS: withDefault(
    oneOf("on", "off"),
    "on",
    "off removes all rate limits: for load tests only, said loudly at start.",
  ),
  MAYFLY_LIMITER_KEY: optional(
    key,
    "A secret of 32 characters or more, the same for all API processes over one store, so that they count their clients together. If unset, each process counts by itself.",
    { secret: true },
  ),
  MAYFLY_CLIENT_BYTES_PER_HOUR: optional(
    integer(PART_BYTES.min, 2 ** 50),
    "How many bytes one client may deposit in an hour. If unset: an eighth of MAYFLY_STORE_MAX_BYTES, at least one largest envelope, at most half of the store.",
  ),
  MAYFLY_METRICS_FROM: withDefault(
    addresses,
    "127.0.0.0/8, ::1",
    "Addresses and CIDRs that may read /metrics. Everybody else gets 404.",
  ),
} as const satisfies Record<string, Variable<unknown>>;

export type VariableName = keyof typeof variables;

/** All values, parsed. */
export type Values = {
  readonly [N in VariableName]: (typeof variables)[N] extends Variable<infer T> ? T : never;
};
