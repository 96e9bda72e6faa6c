import type { DatabaseSync } from "node:sqlite";

/** Each try waits for the busy timeout besides. */
const TRIES = 3;

/**
 * Moves everything from the write-ahead log into the database and cuts the log to nothing: until then the log still holds what
 * was deleted. False when another connection was in the way all the time.
 */
export function checkpoint(db: DatabaseSync): boolean {
  for (let i = 0; i < TRIES; i++) {
    if (db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0) return true;
  }
  return false;
}
