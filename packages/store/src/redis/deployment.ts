import type { Asker } from "./age.ts";
import type { Connection, Keyspace, Steps } from "./connection.ts";
import type { ServerView } from "./rules.ts";

/** What the store runs on: one server, or the primaries of a cluster. Steps run wherever their keys live. */
export interface Deployment extends Keyspace, Asker {
  /** For the steps that give out, end or make live: answered when the declared replicas have confirmed them. */
  readonly confirmed: Steps;
  /** Asks every server what it is and how it is set. Throws StoreUnavailable when one does not answer. */
  view(): Promise<ServerView>;
  /** Bytes that the servers use. One that does not answer is counted with what it used before. */
  usedMemory(): Promise<number>;
  /** As of the last measurement: a server that kept an append-only file keeps none now, or the other way round. */
  readonly appendOnlyChanged: boolean;
  /**
   * Visits every server that keeps secrets. Throws when one of them is out of reach, or when it is not certain that each secret stayed
   * on one of them all the while: what was not seen may be anywhere.
   */
  everywhere<T>(visit: (nodes: readonly Connection[]) => Promise<T>): Promise<Visit<T>>;
  /** In a cluster: calls `listener` now, and whenever this process learns that slots have changed hands. */
  watchSlots(listener: () => void): void;
  close(): Promise<void>;
}

export interface Visit<T> {
  readonly found: T;
  /**
   * The binding of the run that keeps the heartbeat, as long as the servers are still the ones that were visited: what was verified on
   * one run says nothing about the next. Throws `failed` when they are not.
   */
  binding(): string;
}
