import type { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { setBusyTimeout } from "./pragmas.ts";

/**
 * Each try also waits for the busy timeout. The pause lets this process finish work that may block the
 * checkpoint.
 */
const TRIES = 10;
const PAUSE_MS = 250;

/**
 * Copies the write-ahead log into the database and truncates it: until then the log holds what was deleted.
 * False if another connection blocked it.
 */
export function checkpoint(db: DatabaseSync): boolean {
  return db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.busy === 0;
}

/** A checkpoint without the busy timeout: false at once if another connection is in a transaction. */
export function checkpointWithoutWaiting(db: DatabaseSync, busyTimeoutMs: number): boolean {
  setBusyTimeout(db, 0);
  try {
    return checkpoint(db);
  } finally {
    setBusyTimeout(db, busyTimeoutMs);
  }
}

/**
 * Retries the checkpoint: a reader of another sweep, or a backup, may block it for a while. False if every
 * try failed.
 */
export async function checkpointWithRetries(truncate: () => boolean): Promise<boolean> {
  for (let tries = 1; !truncate(); tries++) {
    if (tries === TRIES) return false;
    await pause(PAUSE_MS);
  }
  return true;
}
