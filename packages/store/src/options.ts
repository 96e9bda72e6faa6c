/** What a store is opened with. */

export interface SqliteOptions {
  /** The folder that holds the database; made with mode 0700 when it is missing. */
  readonly directory: string;
  /** The most bytes of the database's pages that may be in use; beyond it `reserve` and `deposit` answer `full` (see capacity.ts). */
  readonly capacityBytes: number;
  /** How long a write waits for another process's, in milliseconds. */
  readonly busyTimeoutMs: number;
  /** Milliseconds since the epoch; the machine's clock when left out. */
  readonly clock?: () => number;
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
}

/** Answers wait for `count` replicas (1 or more), at most `withinMs`, which is less than the command timeout. */
export interface ReplicaWait {
  readonly count: number;
  readonly withinMs: number;
}

export type StoreOptions =
  | ({ readonly kind: "sqlite" } & SqliteOptions)
  | ({ readonly kind: "redis" } & RedisOptions);
