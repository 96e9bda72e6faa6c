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

/** How long to wait before trying again to open a file that another process is just making. */
const RETRY_MS = 20;

export function databasePath(directory: string): string {
  return join(directory, "mayfly.db");
}

/** What API processes share of their counts: no secret, and no address. */
export function rateLimitPath(directory: string): string {
  return join(directory, "rate-limits.db");
}

/** A connection with every pragma set. Throws the driver's error. */
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
 * Opens the file, makes or migrates it, and proves that it is as it must be.
 * @throws StoreRefused
 */
export async function openDatabase(path: string, busyTimeoutMs: number, now: number): Promise<DatabaseSync> {
  const deadline = performance.now() + Math.max(busyTimeoutMs, 1_000);
  for (;;) {
    try {
      return openOnce(path, busyTimeoutMs, now);
    } catch (error) {
      if (error instanceof StoreRefused) throw error;
      // Two processes that make the file at once: switching it to WAL does not wait for the busy timeout.
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
