/** What a store is opened with. */

/** Where a process keeps what it remembers of a store's age (see history/). */
export interface HistoryOptions {
  /** The folder of the marks; made with mode 0700 when it is missing. */
  readonly directory: string;
  /** Names this process's marks: "api" or "worker". */
  readonly program: string;
  /** What the operator says of a store that was put back. Counts for the one start whose refusal gave its code. */
  readonly restored?: Restored | undefined;
}

export interface Restored {
  /** `discard`: nothing of before is served. `accept`: it was moved on purpose. */
  readonly way: "discard" | "accept";
  readonly code: string;
}

export interface SqliteOptions {
  /** The folder that holds the database; made with mode 0700 when it is missing. */
  readonly directory: string;
  /** The most bytes of the database's pages that may be in use; beyond it `reserve` and `deposit` answer `full` (see capacity.ts). */
  readonly capacityBytes: number;
  /** How long a write waits for another process's, in milliseconds. */
  readonly busyTimeoutMs: number;
  /** Milliseconds since the epoch; the machine's clock when left out. */
  readonly clock?: () => number;
  /** When left out, a store that is put back is noticed only while this process runs. */
  readonly history?: HistoryOptions | undefined;
}

/** `any`: whatever is found is accepted and said. The others refuse to open, and fail the sweep, when the server differs. */
export type RedisPersistence = "any" | "none" | "aof" | "rdb" | "aof+rdb";

export interface RedisOptions {
  readonly url: string;
  /** Every command settles within this time. */
  readonly commandTimeoutMs: number;
  readonly persistence: RedisPersistence;
  /** The most bytes of memory that may be in use; beyond it `reserve` and `deposit` answer `full`. The server's maxmemory holds besides. */
  readonly capacityBytes: number;
  /** Accepts a server that forbids CONFIG: what only CONFIG tells is said to be unverified. Refused when left out. */
  readonly unverified?: boolean;
  /** The certificate authority (PEM) that a rediss:// server is checked against; the system's when left out. */
  readonly ca?: string;
  /** The password of the Sentinels themselves, where they have one. */
  readonly sentinelPassword?: string;
  /** How many replicas confirm what gives out bytes, ends, or makes live, before the answer is given; none when left out. */
  readonly replicas?: ReplicaWait;
  /** When left out, a store that is put back is noticed only while this process runs. */
  readonly history?: HistoryOptions | undefined;
}

/** Answers wait for `count` replicas (1 or more), at most `withinMs`, which is less than the command timeout. */
export interface ReplicaWait {
  readonly count: number;
  readonly withinMs: number;
}

export type StoreOptions =
  | ({ readonly kind: "sqlite" } & SqliteOptions)
  | ({ readonly kind: "redis" } & RedisOptions);
