import { parseInfo } from "./info.ts";

/**
 * The server run that a connection leads to. Without an append-only file, a server that restarts loads a
 * snapshot in which secrets are unread that were read since. So does a promoted replica. So records without
 * such a file are bound to a run, and no other run sees them (REDIS.md, "What a restart ends").
 */
export interface ServerRun {
  /** The server's `run_id`, which differs after every start and on every replica. */
  readonly id: string;
  /**
   * Written into records and compared with them: the first half of the id. With an append-only file: "", or
   * the epoch that began when the operator discarded a restored copy (history.ts).
   */
  readonly binding: string;
}

const BINDING_LENGTH = 16;

/** True if a binding is a run: not "", and not an epoch, which begins with "+". */
export function isRun(binding: string): boolean {
  return binding !== "" && !binding.startsWith("+");
}

/**
 * Parses an answer to INFO. null: the server is a replica, does not report its run, or is loading. While it
 * loads an append-only file it reports that it has none (7.0.15): its records would look like another run's
 * and be removed.
 */
export function serverRunIn(text: string): ServerRun | null {
  const info = parseInfo(text);
  const id = info.get("run_id") ?? "";
  if (!/^[0-9a-f]{40}$/.test(id) || info.get("loading") === "1" || info.get("role") === "slave") return null;
  return { id, binding: info.get("aof_enabled") === "1" ? "" : id.slice(0, BINDING_LENGTH) };
}
