import type { DatabaseSync, StatementSync } from "node:sqlite";
import { REMOVED_KINDS } from "../contract/maintenance.ts";
import { PARTS_PER_SECRET } from "./migrations.ts";
import { SECRET_COLUMNS } from "./row.ts";
import { VALID_CLAIM, VALID_ROW } from "./validity.ts";

/** The columns of `SECRET_COLUMNS`. In an invalid row all but the number are null. */
const VALID_COLUMNS = SECRET_COLUMNS.split(",")
  .map((column) => (column.trim() === "secret" ? column : `CASE WHEN valid THEN ${column.trim()} END`))
  .join(", ");

/**
 * Matches keys that no step has made: the driver throws for an unsafe integer, and no scan starts below zero.
 */
function isUnreadable(key: string): string {
  return `${key} < 0 OR ${key} > ${Number.MAX_SAFE_INTEGER}`;
}

const KINDS = REMOVED_KINDS.join(", ");

/**
 * Every statement of the verbs, prepared once per connection. Values are positional, in the order of the
 * text.
 */
const SQL = {
  readStore: "SELECT mark, age, rolled_back, discarded FROM store WHERE one = 1",
  writeStore: "UPDATE store SET mark = ?, age = ? WHERE one = 1",
  pageCount: "PRAGMA page_count",
  freePageCount: "PRAGMA freelist_count",
  readStoreId: "SELECT id, failed_sweeps FROM store WHERE one = 1",

  find: `SELECT ${SECRET_COLUMNS} FROM secrets WHERE id = ? AND ${VALID_ROW}`,
  findAny: "SELECT secret FROM secrets WHERE id = ?",
  getSecret: `SELECT ${SECRET_COLUMNS} FROM secrets WHERE secret = ? AND ${VALID_ROW}`,
  reserve: `INSERT INTO secrets (id, state, link, passphrase, manage, bytes, part_bytes, lifetime_ms, lease_ms, deposit_by,
    expires_at, reads_left, attempts, due_at) VALUES (?, 'reserved', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, x'', ?)`,
  enliven: "UPDATE secrets SET state = 'live', expires_at = ?, due_at = ? WHERE secret = ?",
  fail: "UPDATE secrets SET attempts = ? WHERE secret = ?",
  read: `UPDATE secrets SET reads_left = ?, opened_at = ?, last_read_at = ?, lease_until = ?, due_at = ? WHERE secret = ?`,
  release: "UPDATE secrets SET lease_until = ?, due_at = ? WHERE secret = ?",
  end: `UPDATE secrets SET state = ?, ended_at = ?, opened_at = ?, due_at = ?, reads_left = 0, bytes = NULL, part_bytes = NULL,
    lifetime_ms = NULL, lease_ms = NULL, deposit_by = NULL, attempts = NULL, last_read_at = NULL, lease_until = NULL
    WHERE secret = ?`,
  forget: "DELETE FROM secrets WHERE secret = ?",
  abandon: "UPDATE secrets SET deposit_by = ?, expires_at = ?, due_at = ?, reads_left = 0 WHERE secret = ?",
  setDepositBy: "UPDATE secrets SET deposit_by = ?, expires_at = ?, due_at = ? WHERE secret = ?",
  forgetAbandoned: "DELETE FROM secrets WHERE secret = ? AND state = 'reserved' AND deposit_by <= ?",

  findClaim: `SELECT bound_at, lease_ends, acknowledged_at FROM claims WHERE secret = ? AND claim = ? AND ${VALID_CLAIM}`,
  findAnyClaim: "SELECT 1 FROM claims WHERE secret = ? AND claim = ?",
  bind: "INSERT INTO claims (secret, claim, bound_at, lease_ends) VALUES (?, ?, ?, ?)",
  renewCutOff: `UPDATE claims SET bound_at = ?, lease_ends = ?
    WHERE secret = ? AND acknowledged_at IS NULL AND lease_ends > ?`,
  renew: "UPDATE claims SET lease_ends = ? WHERE secret = ? AND claim = ?",
  acknowledge: "UPDATE claims SET acknowledged_at = ? WHERE secret = ? AND claim = ?",
  lastLease: `SELECT max(lease_ends) AS ends FROM claims WHERE secret = ? AND acknowledged_at IS NULL AND ${VALID_CLAIM}`,
  runningClaims:
    "SELECT count(*) AS n FROM claims WHERE secret = ? AND acknowledged_at IS NULL AND lease_ends > ?",
  anyUnconfirmed: "SELECT 1 FROM claims WHERE secret = ? AND acknowledged_at IS NULL LIMIT 1",
  countClaims: "SELECT count(*) AS n FROM claims WHERE secret = ?",
  pruneClaims: "DELETE FROM claims WHERE secret = ? AND lease_ends <= ?",
  clearClaimTimes: "UPDATE claims SET bound_at = 0, lease_ends = 0, acknowledged_at = NULL WHERE secret = ?",
  forgetClaims: "DELETE FROM claims WHERE secret = ?",

  putPart: "INSERT INTO parts (part, bytes) VALUES (?, ?)",
  getPart: "SELECT bytes FROM parts WHERE part = ?",
  listParts: "SELECT part FROM parts WHERE part >= ? AND part < ?",
  // The key of the last part, its length, the length of the other parts; then the range.
  countParts: `SELECT count(*) AS n, ifnull(sum(length(bytes) <> CASE part WHEN ? THEN ? ELSE ? END), 0) AS wrong
    FROM parts WHERE part >= ? AND part < ?`,
  anyPart: "SELECT 1 FROM parts WHERE part >= ? AND part < ? LIMIT 1",
  sumParts: "SELECT ifnull(sum(length(bytes)), 0) AS bytes FROM parts WHERE part >= ? AND part < ?",
  nextParts:
    "SELECT part, length(bytes) AS bytes FROM parts WHERE part >= ? AND part < ? ORDER BY part LIMIT ?",
  deleteParts: "DELETE FROM parts WHERE part >= ? AND part < ?",

  dueSecrets: `SELECT ${SECRET_COLUMNS} FROM secrets WHERE ended_at IS NULL AND due_at <= ? AND ${VALID_ROW}
    ORDER BY due_at LIMIT ?`,
  oldestDue: `SELECT due_at AS at FROM secrets WHERE ended_at IS NULL AND due_at <= ? AND ${VALID_ROW}
    ORDER BY due_at LIMIT 1`,
  dueTombstones: `SELECT ${SECRET_COLUMNS} FROM secrets WHERE ended_at IS NOT NULL AND due_at <= ? AND ${VALID_ROW}
    ORDER BY due_at LIMIT ?`,
  // An invalid row gives its number alone: the driver could throw for its other values.
  scanSecrets: `WITH page AS MATERIALIZED (SELECT *, ${VALID_ROW} IS TRUE AS valid FROM secrets WHERE secret > ? ORDER BY secret LIMIT ?)
    SELECT ${VALID_COLUMNS} FROM page ORDER BY secret`,
  scanParts: `SELECT part, length(bytes) AS bytes, EXISTS (SELECT 1 FROM secrets WHERE secret = part / ${PARTS_PER_SECRET}
    AND (ended_at IS NULL OR ended_at > ?)) AS known
    FROM parts WHERE part > ? ORDER BY part LIMIT ?`,
  scanClaims: `SELECT secret, claim, ${VALID_CLAIM} IS TRUE
    AND EXISTS (SELECT 1 FROM secrets WHERE secrets.secret = claims.secret) AS known
    FROM claims WHERE (secret, claim) > (?, ?) ORDER BY secret, claim LIMIT ?`,
  deletePart: "DELETE FROM parts WHERE part = ?",
  deleteUnreadableClaims: `DELETE FROM claims WHERE ${isUnreadable("secret")}`,
  deleteUnreadableParts: `DELETE FROM parts WHERE ${isUnreadable("part")}`,
  deleteUnreadableSecrets: `DELETE FROM secrets WHERE ${isUnreadable("secret")}`,
  deleteClaim: "DELETE FROM claims WHERE secret = ? AND claim = ?",

  readHeartbeat: `SELECT run, sequence, started_at, finished_at, worker, ${KINDS}
    FROM heartbeat WHERE one = 1`,
  writeHeartbeat: `INSERT OR REPLACE INTO heartbeat (one, run, sequence, started_at, finished_at, worker, ${KINDS})
    VALUES (1, ?, ?, ?, ?, ?${", ?".repeat(REMOVED_KINDS.length)})`,
  addFailedSweep: `UPDATE store SET failed_sweeps = failed_sweeps + 1, failed_worker = ?, failed_reason = ? WHERE one = 1`,
  clearFailedSweeps:
    "UPDATE store SET failed_sweeps = 0, failed_worker = NULL, failed_reason = NULL WHERE one = 1",
} as const;

export type Statements = { readonly [name in keyof typeof SQL]: StatementSync };

/** Statements that return rows of `secrets` return arrays, for `rowOf`. */
export function prepareStatements(db: DatabaseSync): Statements {
  const prepared = Object.entries(SQL).map(([name, sql]) => {
    const statement = db.prepare(sql);
    if (sql.includes(SECRET_COLUMNS) || sql.includes(VALID_COLUMNS)) statement.setReturnArrays(true);
    return [name, statement];
  });
  return Object.fromEntries(prepared) as Statements;
}
