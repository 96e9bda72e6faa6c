import { parseInfo } from "./info.ts";

/**
 * Which run of a server a connection leads to. A server without an append-only file that starts again comes back with a snapshot,
 * in which secrets are unread that have been read, burned or locked since; so does a replica that is promoted. What is stored without
 * such a file is therefore bound to the run that took it, and to any other run it is as if it were not there.
 */
export interface ServerRun {
  /** The server's `run_id`: another one after every start, and on every replica. */
  readonly id: string;
  /**
   * What is written into records and compared with them: the first half of the id. With an append-only file no run is: it is "", or the epoch
   * that began when the operator discarded what a copy had brought back (history.ts).
   */
  readonly binding: string;
}

const BINDING_LENGTH = 16;

/** Whether it is a run that this binds to, and not an epoch, which begins with "+", or nothing. */
export function isRun(binding: string): boolean {
  return binding !== "" && !binding.startsWith("+");
}

/**
 * Reads an answer to INFO. null: the server is a replica, does not say which run this is, or is still loading: as long as it reads an append-only
 * file it says that it has none (7.0.15), and what that file holds would be taken for another run's, and swept away.
 */
export function serverRunIn(text: string): ServerRun | null {
  const info = parseInfo(text);
  const id = info.get("run_id") ?? "";
  if (!/^[0-9a-f]{40}$/.test(id) || info.get("loading") === "1" || info.get("role") === "slave") return null;
  return { id, binding: info.get("aof_enabled") === "1" ? "" : id.slice(0, BINDING_LENGTH) };
}
