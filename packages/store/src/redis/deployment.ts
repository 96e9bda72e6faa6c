import type { Connection } from "./connection.ts";
import type { ServerView } from "./rules.ts";
import type { Keyspace, Steps, UngatedSteps } from "./steps.ts";

/** What the store runs on: one server, or the primaries of a cluster. Each step runs where its keys are. */
export interface Deployment extends Keyspace, UngatedSteps {
  /** For steps that give out, end or make live: answered after the declared replicas have confirmed them. */
  readonly confirmed: Steps;
  /**
   * Asks every server for its version and settings.
   * @throws StoreUnavailable if one does not answer.
   */
  view(): Promise<ServerView>;
  /** Bytes in use on all servers. A server that does not answer counts with its last measurement. */
  usedMemory(): Promise<number>;
  /** True if a server has turned its append-only file on or off, as of the last measurement. */
  readonly appendOnlyChanged: boolean;
  /**
   * Visits every server that holds secrets.
   * @throws StoreUnavailable if one cannot be reached, or if a secret may have moved meanwhile: the visit may
   * have missed it.
   */
  everywhere<T>(visit: (nodes: readonly Connection[]) => Promise<T>): Promise<Visit<T>>;
  /** In a cluster: calls `listener` now, and when this process learns that slots have changed owners. */
  watchSlots(listener: () => void): void;
  close(): Promise<void>;
}

export interface Visit<T> {
  readonly found: T;
  /**
   * The binding of the server run that holds the heartbeat. A restart invalidates what the visit verified.
   * @throws StoreUnavailable `failed` if a visited server restarted or was replaced.
   */
  binding(): string;
}
