import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Amount, Total } from "../contract/rate-limits.ts";
import { StoreUnavailable } from "../errors.ts";
import { isBusy, unavailable } from "./faults.ts";

/**
 * How long to wait for the lock: another process holds it for one batch, about a millisecond. The wait blocks
 * this process.
 */
const BUSY_MS = 50;

/** `ends`: the end of the window in milliseconds on the machine's clock. */
const TABLE = `
  CREATE TABLE IF NOT EXISTS totals (
    bucket TEXT PRIMARY KEY,
    total INTEGER NOT NULL,
    ends INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS totals_ends ON totals (ends);
`;

/** A window that ends later than a new one began before the clock was set back, so it starts anew. */
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
 * Totals that all processes of one store share. They have a file of their own: they need no sync and must not
 * wait for the store's lock. The first use creates the file. A corrupt file, as after a power failure, is
 * recreated.
 */
export class RateLimitFile {
  readonly #path: string;
  readonly #clock: () => number;
  #open: Open | null = null;

  constructor(path: string, clock: () => number) {
    this.#path = path;
    this.#clock = clock;
  }

  /**
   * Also deletes every window that has ended.
   * @throws StoreUnavailable: nothing was added.
   */
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

  /** Called by the sweep: there may be no API process any more that deletes old windows. */
  forgetEnded(): void {
    if (!existsSync(this.#path)) return;
    try {
      this.take([]);
    } catch {
      // The process that holds the lock deletes them.
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
