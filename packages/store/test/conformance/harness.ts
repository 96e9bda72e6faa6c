import type { Store } from "../../src/index.ts";

/**
 * One fresh and empty store. Its time stands still between two calls of `advance`, so that a test can stand exactly on an
 * expiry: a fake clock, or a high-water mark far enough ahead of the server's own time.
 */
export interface Bench {
  /** The open store; another object after `reopen`. */
  store(): Store;
  /** Moves the store's time forward, to the millisecond. */
  advance(ms: number): Promise<void>;
  /** Sets the machine's clock back where it can be set; the store's own time must not follow. */
  setClockBack(ms: number): Promise<void>;
  /** Closes the store and opens the same data again, as a restarted program does. */
  reopen(): Promise<void>;
  /** True when any part of this secret is still there, read past the store's own logic. */
  hasCiphertext(id: string): Promise<boolean>;
  /** Records of any state, tombstones included. */
  recordCount(): Promise<number>;
  /** Everything that is kept, as one text, except the high-water mark and the age. Two equal texts: nothing changed. */
  dump(): Promise<string>;
  /** Overwrites the recorded heartbeat with something that cannot be understood. */
  spoilHeartbeat(): Promise<void>;
  /** Breaks a secret from outside, in this store's way. */
  corrupt(corruption: Corruption, id: string, claim: Uint8Array): Promise<void>;
  /** Ways in which the data can be broken from outside, each found by `overdue` and removed by `sweep` as an orphan. */
  readonly breakages: readonly Breakage[];
  close(): Promise<void>;
}

export interface Breakage {
  readonly name: string;
  plant(): Promise<void>;
}

/** Of two parts and two reads, with a passphrase. `claimed`: both reads are taken. `reserved`: part 0 is there. */
export type CorruptionTarget = "reserved" | "live" | "claimed" | "ended";

/**
 * One way in which data can be broken. `redis`: commands, in which RECORD, PART0, PART1 and CLAIM stand for the secret's own. `sqlite`:
 * statements, in which :secret and :claim do; or why the file cannot be broken so.
 */
export interface Corruption {
  readonly name: string;
  readonly of: CorruptionTarget;
  /** What is still told: nothing at all; all but the bytes; or nothing to the claim that is broken. */
  readonly leaves: "nothing" | "all but bytes" | "all but the claim";
  readonly redis: readonly (readonly string[])[];
  readonly sqlite: readonly string[] | "STRICT and NOT NULL hold" | "no such field";
}

/** A store under test. */
export interface Harness {
  readonly name: string;
  /** `freeBytes`: how much of its capacity the empty store has left; as good as unlimited when left out. */
  open(options?: { readonly freeBytes?: number }): Promise<Bench>;
  /** Declared differences: true, or the reason why not. */
  readonly supports: {
    /** `endDue` destroys what is due. When not: it answers 0, and the store ends things by itself. */
    readonly endDue: true | string;
    /** Why the bench's clock is behind the store's time from the start; left out: it is not, until a test sets it back. */
    readonly clockBehind?: string;
  };
}

/** What each group of sentences is given: the bench of the running test, and the harness. */
export interface Ground {
  readonly harness: Harness;
  bench(): Bench;
  store(): Store;
}
