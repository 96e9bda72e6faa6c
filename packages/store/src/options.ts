/** Where a process remembers a store's age (HISTORY.md). */
export interface HistoryOptions {
  /** The folder of the marks; created with mode 0700 if it is missing. */
  readonly directory: string;
  /** Names this process's marks: "api" or "worker". */
  readonly program: string;
  /**
   * What the operator decided about a store that was put back. Valid for the one start whose refusal gave the
   * code.
   */
  readonly restored?: Restored | undefined;
}

export interface Restored {
  /** `discard`: serve nothing that was stored before. `accept`: the store was moved on purpose. */
  readonly way: "discard" | "accept";
  readonly code: string;
}

export interface SqliteOptions {
  /** The folder of the database; created with mode 0700 if it is missing. */
  readonly directory: string;
  /**
   * The most bytes of database pages in use. Beyond it `reserve` and `deposit` answer `full` (capacity.ts).
   */
  readonly capacityBytes: number;
  /** How long a write waits for another process's lock, in milliseconds. */
  readonly busyTimeoutMs: number;
  /** Milliseconds since the epoch. Default: the machine's clock. */
  readonly clock?: () => number;
  /** Default: a store that is put back is noticed only while this process runs. */
  readonly history?: HistoryOptions | undefined;
}

/**
 * `any`: accepts any persistence and states what it found. The others refuse to open, and fail the sweep, if
 * the server differs.
 */
export type RedisPersistence = "any" | "none" | "aof" | "rdb" | "aof+rdb";

export interface RedisOptions {
  readonly url: string;
  /** Every command settles within this time. */
  readonly commandTimeoutMs: number;
  readonly persistence: RedisPersistence;
  /**
   * The most bytes of memory in use. Beyond it `reserve` and `deposit` answer `full`. The server's maxmemory
   * holds too.
   */
  readonly capacityBytes: number;
  /**
   * Accepts a server that forbids CONFIG, and states what is unverified. Default: such a server is refused.
   */
  readonly unverified?: boolean;
  /** The certificate authority (PEM) that checks a rediss:// server. Default: the system's. */
  readonly ca?: string;
  /** The password of the Sentinels themselves. */
  readonly sentinelPassword?: string;
  /**
   * How many replicas confirm a step that gives out bytes, ends, or makes live, before its answer. Default:
   * none.
   */
  readonly replicas?: ReplicaWait;
  /** Default: a store that is put back is noticed only while this process runs. */
  readonly history?: HistoryOptions | undefined;
}

/**
 * An answer waits for `count` replicas (1 or more), for at most `withinMs`, which is less than the command
 * timeout.
 */
export interface ReplicaWait {
  readonly count: number;
  readonly withinMs: number;
}

export type StoreOptions =
  | ({ readonly kind: "sqlite" } & SqliteOptions)
  | ({ readonly kind: "redis" } & RedisOptions);
