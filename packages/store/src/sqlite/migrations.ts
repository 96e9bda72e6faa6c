import type { DatabaseSync } from "node:sqlite";
import { StoreRefused } from "../errors.ts";
import { PAGE_BYTES } from "./pragmas.ts";

/** Marks the file as Mayfly's: "MFLY" (https://www.sqlite.org/pragma.html#pragma_application_id). */
const APPLICATION_ID = 0x4d464c59;

/**
 * A part's key is `secret * PARTS_PER_SECRET + part`. Parts of one secret are neighbours in one tree, without
 * a second index.
 */
export const PARTS_PER_SECRET = 2 ** 20;

/**
 * Zeros before the bytes of a part in its row. They fill all of the row that a leaf can hold, a page less 35
 * bytes (https://www.sqlite.org/fileformat2.html#b_tree_pages). So part bytes lie in overflow pages only,
 * which never move. A row moved between leaves would leave its bytes behind (SQLITE.md, "What files keep").
 */
const ZEROS_BEFORE_PART = PAGE_BYTES - 35;

/**
 * The tables, by version: entry 0 makes version 1. A released entry is never changed; a change is a new
 * entry.
 *
 * Columns of `secrets`:
 * - `due_at`: when the record next ends. That is the end of the reservation, last lease, lifetime or tombstone.
 * - `reads_left`: null if unlimited.
 * - `lease_until`: the latest end of an unacknowledged lease.
 * - `attempts`: 16 bytes for each wrong passphrase; null in a tombstone.
 *
 * Columns of `store`:
 * - `mark`: the high-water mark of time.
 * - `age`: rises with each commit that changes something.
 * - `age` must stay the second column, and its complement the third: file-age.ts reads them from the file.
 * - `home`: see home.ts.
 * - `rolled_back`: the age in the mark of a process that found the store younger than its mark.
 * - `discarded`: secrets up to this number read as `not_found`.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE store (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    age INTEGER NOT NULL CHECK (age >= 0),
    complement INTEGER NOT NULL GENERATED ALWAYS AS (~age) STORED,
    rolled_back INTEGER CHECK (rolled_back >= 0),
    discarded INTEGER NOT NULL CHECK (discarded >= 0),
    home TEXT NOT NULL,
    id TEXT NOT NULL CHECK (length(id) = 22),
    mark INTEGER NOT NULL CHECK (mark >= 0),
    failed_sweeps INTEGER NOT NULL CHECK (failed_sweeps >= 0),
    failed_worker TEXT,
    failed_reason TEXT
  ) STRICT;

  CREATE TABLE heartbeat (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    run TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence >= 1),
    started_at INTEGER NOT NULL CHECK (started_at >= 0),
    finished_at INTEGER NOT NULL CHECK (finished_at >= 0),
    worker TEXT NOT NULL,
    expired INTEGER NOT NULL CHECK (expired >= 0),
    leases INTEGER NOT NULL CHECK (leases >= 0),
    reservations INTEGER NOT NULL CHECK (reservations >= 0),
    tombstones INTEGER NOT NULL CHECK (tombstones >= 0),
    orphans INTEGER NOT NULL CHECK (orphans >= 0)
  ) STRICT;

  CREATE TABLE secrets (
    secret INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 22),
    state TEXT NOT NULL CHECK (state IN ('reserved', 'live', 'opened', 'expired', 'burned', 'locked')),
    link BLOB NOT NULL CHECK (length(link) = 32),
    passphrase BLOB CHECK (length(passphrase) = 32),
    manage BLOB NOT NULL CHECK (length(manage) = 32),
    bytes INTEGER CHECK (bytes > 0),
    part_bytes INTEGER CHECK (part_bytes > 0),
    lifetime_ms INTEGER CHECK (lifetime_ms > 0),
    lease_ms INTEGER CHECK (lease_ms >= 0),
    deposit_by INTEGER CHECK (deposit_by > 0),
    expires_at INTEGER NOT NULL CHECK (expires_at > 0),
    reads_left INTEGER CHECK (reads_left >= 0),
    attempts BLOB CHECK (length(attempts) % 16 = 0 AND length(attempts) < 160),
    opened_at INTEGER,
    last_read_at INTEGER,
    lease_until INTEGER,
    ended_at INTEGER,
    due_at INTEGER NOT NULL CHECK (due_at > 0),
    CHECK ((ended_at IS NULL) = (state IN ('reserved', 'live'))),
    CHECK ((bytes IS NULL) = (ended_at IS NOT NULL)),
    CHECK ((part_bytes IS NULL) = (ended_at IS NOT NULL)),
    CHECK ((lifetime_ms IS NULL) = (ended_at IS NOT NULL)),
    CHECK ((lease_ms IS NULL) = (ended_at IS NOT NULL)),
    CHECK ((deposit_by IS NULL) = (ended_at IS NOT NULL)),
    CHECK ((attempts IS NULL) = (ended_at IS NOT NULL)),
    CHECK (ended_at IS NOT NULL OR due_at <= expires_at)
  ) STRICT;
  CREATE INDEX secrets_due ON secrets (due_at) WHERE ended_at IS NULL;
  CREATE INDEX tombstones_due ON secrets (due_at) WHERE ended_at IS NOT NULL;

  CREATE TABLE claims (
    secret INTEGER NOT NULL REFERENCES secrets (secret),
    claim BLOB NOT NULL CHECK (length(claim) = 32),
    bound_at INTEGER NOT NULL,
    lease_ends INTEGER NOT NULL,
    acknowledged_at INTEGER,
    PRIMARY KEY (secret, claim)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE parts (
    part INTEGER PRIMARY KEY CHECK (part >= ${PARTS_PER_SECRET}),
    bytes BLOB NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE apart (
    part INTEGER PRIMARY KEY CHECK (part >= ${PARTS_PER_SECRET}),
    zeros BLOB NOT NULL DEFAULT (zeroblob(${ZEROS_BEFORE_PART})) CHECK (length(zeros) = ${ZEROS_BEFORE_PART}),
    bytes BLOB NOT NULL
  ) STRICT;
  INSERT INTO apart (part, bytes) SELECT part, bytes FROM parts;
  DROP TABLE parts;
  ALTER TABLE apart RENAME TO parts;
  `,
];

/** The schema version that this program writes. */
export const SCHEMA_VERSION: number = MIGRATIONS.length;

/**
 * Brings the file to the newest version, in one transaction. `storeId`, `now` and `home` are used for a new
 * store.
 * @throws StoreRefused if the file belongs to another program or a newer version.
 */
export function migrate(db: DatabaseSync, storeId: string, now: number, home: () => string): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    const version = pragma(db, "user_version");
    const application = pragma(db, "application_id");
    const tables = Number(db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.n);
    if (application !== APPLICATION_ID && (application !== 0 || version !== 0 || tables !== 0)) {
      throw new StoreRefused(["The database file belongs to another program."]);
    }
    if (version > SCHEMA_VERSION) {
      throw new StoreRefused(["The database was written by a newer version of this program."]);
    }
    for (const migration of MIGRATIONS.slice(version)) db.exec(migration);
    if (version === 0) {
      db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      const columns = "one, age, discarded, home, id, mark, failed_sweeps";
      db.prepare(`INSERT INTO store (${columns}) VALUES (1, 0, 0, ?, ?, ?, 0)`).run(home(), storeId, now);
    }
    if (version < SCHEMA_VERSION) db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
}
