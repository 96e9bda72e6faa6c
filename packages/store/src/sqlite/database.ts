import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import { StoreRefused } from "../errors.ts";
import { makePrivate } from "./directory.ts";
import { isBusy } from "./faults.ts";
import { homeOf } from "./home.ts";
import { migrate } from "./migrations.ts";
import { pragmaFaults, setPragmas } from "./pragmas.ts";

/** Pause before another try to open a file that another process is creating. */
const RETRY_MS = 20;

export function databasePath(directory: string): string {
  return join(directory, "mayfly.db");
}

/** Counts that the API processes share. Holds no secret and no address. */
export function rateLimitPath(directory: string): string {
  return join(directory, "rate-limits.db");
}

/** Returns a connection with every pragma set. Throws the driver's error. */
export function connect(
  path: string,
  busyTimeoutMs: number,
  options: { readonly readOnly?: boolean } = {},
): DatabaseSync {
  const db = new DatabaseSync(path, { ...options, allowExtension: false });
  try {
    setPragmas(db, busyTimeoutMs);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Opens the file, creates or migrates it, and checks its settings.
 * @throws StoreRefused
 */
export async function openDatabase(path: string, busyTimeoutMs: number, now: number): Promise<DatabaseSync> {
  const deadline = performance.now() + Math.max(busyTimeoutMs, 1_000);
  for (;;) {
    try {
      return openOnce(path, busyTimeoutMs, now);
    } catch (error) {
      if (error instanceof StoreRefused) throw error;
      // Switching a new file to WAL ignores the busy timeout, so two processes that create the file at once
      // may conflict.
      if (!isBusy(error) || performance.now() > deadline) {
        throw new StoreRefused(["The database file cannot be opened, or is not a database."]);
      }
      await pause(RETRY_MS);
    }
  }
}

function openOnce(path: string, busyTimeoutMs: number, now: number): DatabaseSync {
  makePrivate(path);
  const db = connect(path, busyTimeoutMs);
  try {
    migrate(db, randomBytes(16).toString("base64url"), now, () => homeOf(path));
    const faults = pragmaFaults(db);
    if (faults.length > 0) throw new StoreRefused(faults);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
