import { timingSafeEqual } from "node:crypto";
import type { StatementSync } from "node:sqlite";
import type { End, Gone, Hash, Id, NotFound } from "../contract.ts";
import { tombstoneUntil } from "../life.ts";
import type { Turn } from "./commits.ts";

interface Common {
  readonly secret: number;
  readonly id: Id;
  readonly link: Hash;
  readonly passphrase: Hash | null;
  readonly manage: Hash;
  readonly expires_at: number;
  /** null: unlimited. */
  readonly reads_left: number | null;
  readonly opened_at: number | null;
  readonly last_read_at: number | null;
  readonly lease_until: number | null;
  readonly due_at: number;
}

/** A row of `secrets` that still has its envelope, or waits for it. */
export interface Kept extends Common {
  readonly state: "reserved" | "live";
  readonly bytes: number;
  readonly part_bytes: number;
  readonly lifetime_ms: number;
  readonly lease_ms: number;
  readonly deposit_by: number;
  readonly attempts: Uint8Array;
  readonly ended_at: null;
}

export interface Tombstone extends Common {
  readonly state: End;
  readonly bytes: null;
  readonly ended_at: number;
}

export type Row = Kept | Tombstone;

/** A row that is not sound (see sound.ts), as a scan gives it. */
export interface Unsound {
  readonly secret: number;
  readonly state: null;
}

export type Scanned = Row | Unsound;

/** The columns of a row, in the order that `rowOf` reads. */
export const SECRET_COLUMNS = `secret, id, state, link, passphrase, manage, bytes, part_bytes, lifetime_ms, lease_ms,
  deposit_by, expires_at, reads_left, attempts, opened_at, last_read_at, lease_until, ended_at, due_at`;

/**
 * The row of the values that a statement gave as an array. The driver's own objects take twice as long to make, and every
 * verb reads one.
 */
export function rowOf(values: readonly unknown[]): Row {
  return {
    secret: values[0],
    id: values[1],
    state: values[2],
    link: values[3],
    passphrase: values[4],
    manage: values[5],
    bytes: values[6],
    part_bytes: values[7],
    lifetime_ms: values[8],
    lease_ms: values[9],
    deposit_by: values[10],
    expires_at: values[11],
    reads_left: values[12],
    attempts: values[13],
    opened_at: values[14],
    last_read_at: values[15],
    lease_until: values[16],
    ended_at: values[17],
    due_at: values[18],
  } as Row;
}

/** Every row that a statement over `SECRET_COLUMNS` gives for these values. */
export function rows(statement: StatementSync, ...values: number[]): Row[] {
  return (statement.all(...values) as unknown as unknown[][]).map(rowOf);
}

/**
 * Where a secret stands at this time, whether or not a sweep has got to it. `ended`: how and when; `row` may still have its
 * envelope then. Everything else is `kept`. null: there is nothing, or nothing any more.
 */
export type Standing =
  | { readonly kind: "kept"; readonly row: Kept }
  | { readonly kind: "ended"; readonly row: Row; readonly state: End; readonly endedAt: number };

export const NOT_FOUND: NotFound = { outcome: "not_found" };

export function gone(state: End, endedAt: number): Gone {
  return { outcome: "gone", state, endedAt };
}

export function find(turn: Turn, id: Id): Standing | null {
  const values = turn.sql.find.get(id) as unknown as unknown[] | undefined;
  if (!values) return null;
  const row = rowOf(values);
  if (row.secret <= turn.discarded) return null;
  const found = standing(row, turn.now);
  // What was told to have ended must not come back after a restart with the clock set back.
  if (found?.kind !== "kept" && row.ended_at === null) turn.changed = true;
  return found;
}

export function standing(row: Row, now: number): Standing | null {
  if (row.ended_at !== null) {
    return now < row.due_at ? { kind: "ended", row, state: row.state, endedAt: row.ended_at } : null;
  }
  if (row.state === "reserved") return now < row.deposit_by ? { kind: "kept", row } : null;
  const end = dueEnd(row, now);
  if (!end) return { kind: "kept", row };
  return now < tombstoneUntil(row.expires_at, end.endedAt) ? { kind: "ended", row, ...end } : null;
}

/** How a live secret has ended by now; null while it has not. A secret without reads left ends as opened, not as expired. */
export function dueEnd(row: Kept, now: number): { readonly state: End; readonly endedAt: number } | null {
  if (row.reads_left === 0 && row.lease_until !== null && row.lease_until <= now) {
    return { state: "opened", endedAt: row.lease_until };
  }
  return now < row.expires_at ? null : { state: "expired", endedAt: row.expires_at };
}

/** Equality of two hashes in a time that tells nothing. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
