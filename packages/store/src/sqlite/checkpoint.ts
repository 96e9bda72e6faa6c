import type { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { setBusyTimeout } from "./pragmas.ts";

/** Each try waits for the busy timeout besides; between them this process gets on with what may be in the way. */
const TRIES = 10;
const PAUSE_MS = 250;

/**
 * Moves everything from the write-ahead log into the database and cuts the log to nothing: until then the log still holds what
 * was deleted. False when another connection was in the way.
 */
export function checkpoint(db: DatabaseSync): boolean {
  return db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
}

/** The same, but waits for no other connection: false at once when one is in a transaction. */
export function checkpointAtOnce(db: DatabaseSync, busyTimeoutMs: number): boolean {
  setBusyTimeout(db, 0);
  try {
    return checkpoint(db);
  } finally {
    setBusyTimeout(db, busyTimeoutMs);
  }
}

/** The same, with patience: another sweep's reader, or a backup, may be in the way for a while. */
export async function checkpointPatiently(cut: () => boolean): Promise<boolean> {
  for (let tries = 1; !cut(); tries++) {
    if (tries === TRIES) return false;
    await pause(PAUSE_MS);
  }
  return true;
}
