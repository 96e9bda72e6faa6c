import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Amount, Total } from "../contract/rate-limits.ts";
import { StoreUnavailable } from "../errors.ts";
import { isBusy, unavailable } from "./faults.ts";

/** Another process holds the lock for a batch, which takes a millisecond. This process stands still while it waits. */
const BUSY_MS = 50;

/** `ends` is on the machine's clock. */
const TABLE = `
  CREATE TABLE IF NOT EXISTS totals (
    bucket TEXT PRIMARY KEY,
    total INTEGER NOT NULL,
    ends INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS totals_ends ON totals (ends);
`;

/** A window that ends later than a new one would was begun before the clock was set back. */
const ADD = `
  INSERT INTO totals (bucket, total, ends) VALUES (:bucket, max(0, :amount), :now + :window)
  ON CONFLICT (bucket) DO UPDATE SET
    total = CASE WHEN ends <= :now + :window THEN max(0, total + :amount) ELSE excluded.total END,
    ends = min(ends, excluded.ends)
  RETURNING total, ends
`;

const ASK = "SELECT total, ends FROM totals WHERE bucket = :bucket AND ends <= :now + :window";

interface Row {
  readonly total: number;
  readonly ends: number;
}

interface Open {
  readonly db: DatabaseSync;
  readonly add: StatementSync;
  readonly ask: StatementSync;
  readonly forget: StatementSync;
}

/**
 * Totals that the processes over one store share. They are in a file of their own, because they need no sync to the disk and
 * must not wait for the store's lock. The file is made at the first use. A broken file, as after a power failure, is made anew.
 */
export class RateLimitFile {
  readonly #path: string;
  readonly #clock: () => number;
  #open: Open | null = null;

  constructor(path: string, clock: () => number) {
    this.#path = path;
    this.#clock = clock;
  }

  /** Also forgets every window that has ended. Throws StoreUnavailable: then nothing was added. */
  take(amounts: readonly Amount[]): Total[] {
    const now = this.#clock();
    try {
      const { db, add, ask, forget } = this.#database();
      db.exec("BEGIN IMMEDIATE");
      forget.run(now);
      const totals = amounts.map(({ bucket, windowMs, amount }) => {
        const at = { bucket, now, window: windowMs };
        const row = (amount === 0 ? ask.get(at) : add.get({ ...at, amount })) as Row | undefined;
        return { total: row?.total ?? 0, resetMs: row === undefined ? windowMs : row.ends - now };
      });
      db.exec("COMMIT");
      return totals;
    } catch (error) {
      this.close();
      if (!isBusy(error)) this.#discard();
      throw error instanceof StoreUnavailable ? error : unavailable(error);
    }
  }

  /** For the sweep: there may be no process any more that adds. */
  forgetEnded(): void {
    if (!existsSync(this.#path)) return;
    try {
      this.take([]);
    } catch {
      // A process that adds at this moment forgets as well.
    }
  }

  close(): void {
    const open = this.#open;
    this.#open = null;
    open?.db.close();
  }

  #database(): Open {
    if (this.#open !== null) return this.#open;
    closeSync(openSync(this.#path, "a", 0o600));
    const db = new DatabaseSync(this.#path, { timeout: BUSY_MS, allowExtension: false });
    try {
      for (const pragma of ["journal_mode = TRUNCATE", "synchronous = OFF", "secure_delete = ON"])
        db.exec(`PRAGMA ${pragma}`);
      db.exec(TABLE);
      const forget = db.prepare("DELETE FROM totals WHERE ends <= ?");
      this.#open = { db, add: db.prepare(ADD), ask: db.prepare(ASK), forget };
      return this.#open;
    } catch (error) {
      db.close();
      throw error;
    }
  }

  #discard(): void {
    for (const file of [this.#path, `${this.#path}-journal`]) rmSync(file, { force: true });
  }
}
