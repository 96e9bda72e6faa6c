import type { StatementSync } from "node:sqlite";
import type { End, Hash, Id } from "../contract/secrets.ts";

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

/** A row of `secrets` that is reserved or live. */
export interface ActiveRow extends Common {
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

export type Row = ActiveRow | Tombstone;

/** A row that no verb can have written (validity.ts), as a scan returns it. */
interface InvalidRow {
  readonly secret: number;
  readonly state: null;
}

export type ScannedRow = Row | InvalidRow;

/** The columns of a row, in the order that `rowOf` reads. */
export const SECRET_COLUMNS = `secret, id, state, link, passphrase, manage, bytes, part_bytes, lifetime_ms, lease_ms,
  deposit_by, expires_at, reads_left, attempts, opened_at, last_read_at, lease_until, ended_at, due_at`;

/**
 * Makes a row of the values that a statement returned as an array. The driver's own objects take twice as
 * long, and every verb reads a row.
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

/** All rows that a statement over `SECRET_COLUMNS` returns for these values. */
export function rows(statement: StatementSync, ...values: number[]): Row[] {
  return (statement.all(...values) as unknown as unknown[][]).map(rowOf);
}
