import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailable } from "../errors.ts";
import { unavailable } from "./faults.ts";
import type { AgeRow, History } from "./history.ts";
import type { Statements } from "./statements.ts";

/** One transaction, as its steps see it. */
export interface Transaction {
  /** The store's time in milliseconds, read once for the whole transaction. */
  readonly now: number;
  /** How many milliseconds the clock is behind `now`; 0 if it leads. */
  readonly clockBehindMs: number;
  readonly sql: Statements;
  /** The store's age before the transaction (HISTORY.md). */
  readonly age: number;
  /** Secrets up to this number were discarded and read as `not_found` (HISTORY.md). */
  readonly discarded: number;
  /**
   * Set by a step that wrote, or whose answer depends on the time. The commit then persists the high-water
   * mark.
   */
  changed: boolean;
  /** Bytes of parts that the transaction has destroyed so far. */
  destroyed: number;
  /** Secrets whose parts later transactions destroy (deferred-deletions.ts). */
  deferred: number[];
}

/**
 * A synchronous piece of a transaction. Throwing undoes its writes. A step may run twice, so it changes
 * nothing outside the transaction.
 */
export type Step<Answer> = (transaction: Transaction) => Answer;

interface StoreRow extends AgeRow {
  readonly mark: number;
  readonly discarded: number;
}

/**
 * `storing`: needs disk space, and is refused when the disk is full. `essential`: must not fail for want of
 * space, so it may use the spare file.
 */
export type Purpose = "storing" | "essential";

interface Waiting {
  readonly step: Step<unknown>;
  readonly purpose: Purpose;
  answer: unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: StoreUnavailable) => void;
}

interface CommitHooks {
  /** Called after the commit of a transaction that destroyed parts. */
  readonly destroyed: () => void;
  /** Called when the disk is full for an essential step: frees space if there is any to free. */
  readonly full: () => void;
}

/** The most steps in one transaction. Bounds how long the lock and the event loop are held. */
const STEPS_PER_COMMIT = 64;

/**
 * Group commit: steps that arrive in the same tick share one transaction and one sync. Each caller is
 * answered after the commit. If the shared transaction fails, each step runs again alone, so one step cannot
 * fail the others.
 */
export class Commits {
  #waiting: Waiting[] = [];
  #scheduled = false;
  #latest = 0;
  #closed = false;
  readonly #db: DatabaseSync;
  readonly #sql: Statements;
  /** The machine's clock. The store's time may be ahead of it. */
  readonly clock: () => number;
  readonly #path: string;
  readonly #inode: number;
  readonly #history: History;
  readonly #hooks: CommitHooks;
  /** Transactions committed so far. */
  count = 0;

  constructor(
    db: DatabaseSync,
    sql: Statements,
    clock: () => number,
    path: string,
    history: History,
    hooks: CommitHooks = { destroyed: () => {}, full: () => {} },
  ) {
    this.#db = db;
    this.#sql = sql;
    this.clock = clock;
    this.#path = path;
    this.#hooks = hooks;
    this.#inode = statSync(path).ino;
    this.#history = history;
  }

  /** @throws StoreUnavailable */
  run<Answer>(step: Step<Answer>, purpose: Purpose = "essential"): Promise<Answer> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("closed"));
    return new Promise((resolve, reject) => {
      const answered = resolve as (answer: unknown) => void;
      this.#waiting.push({ step, purpose, answer: undefined, resolve: answered, reject });
      this.#schedule();
    });
  }

  /** Runs the waiting steps, then refuses every new one. */
  close(): void {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#flush();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #flush(): void {
    const group = this.#waiting.splice(0, STEPS_PER_COMMIT);
    if (group.length === 0) return;
    try {
      this.#begin();
    } catch (error) {
      // No transaction began. Running each step alone would only wait for the same lock again.
      for (const waiting of group) waiting.reject(unavailable(error));
      return;
    }
    try {
      this.#perform(group);
    } catch (error) {
      this.#rollBack();
      const [only] = group;
      if (group.length === 1 && only && !this.#freesSpace(only, error)) only.reject(unavailable(error));
      else for (const waiting of group) this.#runAlone(waiting);
      return;
    }
    for (const { answer, resolve } of group) resolve(answer);
  }

  #runAlone(waiting: Waiting, retried = false): void {
    try {
      this.#begin();
      this.#perform([waiting]);
    } catch (error) {
      this.#rollBack();
      if (!retried && this.#freesSpace(waiting, error)) this.#runAlone(waiting, true);
      else waiting.reject(unavailable(error));
      return;
    }
    waiting.resolve(waiting.answer);
  }

  /** True if the disk was full and the step is essential: the caller runs the step once more. */
  #freesSpace({ purpose }: Waiting, error: unknown): boolean {
    if (purpose === "storing" || unavailable(error).reason !== "full") return false;
    this.#hooks.full();
    return true;
  }

  /** Writes to a deleted or replaced file would be lost at the next restart, so they are refused. */
  #begin(): void {
    const file = statSync(this.#path, { throwIfNoEntry: false });
    if (file?.ino !== this.#inode) throw new StoreUnavailable("failed");
    this.#history.requireOwnFile(file.mtimeMs);
    this.#db.exec("BEGIN IMMEDIATE");
  }

  #perform(group: readonly Waiting[]): void {
    const row = this.#sql.readStore.get() as unknown as StoreRow;
    this.#history.requireOwn(this.#db, row);
    const { mark, discarded } = row;
    const clock = Math.trunc(this.clock());
    const now = Math.max(clock, mark, this.#latest);
    const clockBehindMs = now - clock;
    const transaction: Transaction = {
      now,
      clockBehindMs,
      sql: this.#sql,
      age: row.age,
      discarded,
      changed: false,
      destroyed: 0,
      deferred: [],
    };
    this.#latest = now;
    for (const waiting of group) waiting.answer = waiting.step(transaction);
    const age = transaction.changed ? row.age + 1 : row.age;
    if (transaction.changed) this.#sql.writeStore.run(now, age);
    this.#db.exec("COMMIT");
    this.#history.see(age, now);
    this.count += 1;
    if (transaction.destroyed > 0) this.#hooks.destroyed();
  }

  #rollBack(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    } catch {
      // The transaction has already ended.
    }
  }
}
