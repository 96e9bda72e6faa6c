import type { DatabaseSync } from "node:sqlite";

interface Pragma {
  readonly name: string;
  readonly set: string;
  readonly read: string | number;
}

/** Bytes of a page. Where parts lie in the file depends on it (migrations.ts). */
export const PAGE_BYTES = 4096;

/**
 * The settings of every connection. Each is read back after it was set.
 * `auto_vacuum` stays off: freed pages are zeroed and reused, so the file keeps its largest size. Shrinking
 * it would copy other secrets' ciphertext to new places at each commit.
 */
const PRAGMAS: readonly Pragma[] = [
  // These decide the file's format, so they come before any table.
  { name: "page_size", set: String(PAGE_BYTES), read: PAGE_BYTES },
  { name: "auto_vacuum", set: "NONE", read: 0 },
  { name: "journal_mode", set: "WAL", read: "wal" },
  // NORMAL may undo a committed claim or burn at power loss.
  { name: "synchronous", set: "FULL", read: 2 },
  // FAST leaves remnants of deleted pages in the file.
  { name: "secure_delete", set: "ON", read: 1 },
  { name: "foreign_keys", set: "ON", read: 1 },
  // No temporary file ever holds what was deleted.
  { name: "temp_store", set: "MEMORY", read: 2 },
  { name: "trusted_schema", set: "OFF", read: 0 },
];

/**
 * Sets the pragmas of a new connection. Throws the driver's error, for instance if another process holds the
 * lock.
 */
export function setPragmas(db: DatabaseSync, busyTimeoutMs: number): void {
  setBusyTimeout(db, busyTimeoutMs);
  for (const { name, set } of PRAGMAS) db.exec(`PRAGMA ${name} = ${set}`);
}

/** Sets how long the connection waits for a lock. */
export function setBusyTimeout(db: DatabaseSync, ms: number): void {
  db.exec(`PRAGMA busy_timeout = ${Math.max(0, Math.trunc(ms))}`);
}

/** Returns a sentence for each pragma that is not set as declared. */
export function pragmaFaults(db: DatabaseSync): string[] {
  return PRAGMAS.flatMap(({ name, set, read }) => {
    const found = db.prepare(`PRAGMA ${name}`).get()?.[name];
    return found === read ? [] : [`SQLite's ${name} is not ${set}.`];
  });
}
