import { statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { StoreUnavailable } from "../errors.ts";
import { unavailable } from "./faults.ts";
import type { AgeRow, History } from "./history.ts";
import type { Statements } from "./statements.ts";

/** One transaction, as its steps see it. */
export interface Turn {
  /** The store's time, read once for the whole transaction. */
  readonly now: number;
  /** How far the clock is behind `now`, in milliseconds; 0 when it leads. */
  readonly clockBehindMs: number;
  readonly sql: Statements;
  /** The store's age before the transaction. */
  readonly age: number;
  /** Secrets up to this one were discarded: they are as if they were not there (see history/). */
  readonly discarded: number;
  /** Set by a step that wrote, or whose answer depends on the time: the high-water mark is kept with the commit. */
  changed: boolean;
  /** Bytes of parts that the transaction has destroyed so far. */
  destroyed: number;
  /** Secrets whose parts the running step leaves to be destroyed in steps of their own (see remains.ts). */
  remains: number[];
}

/**
 * A synchronous piece of a transaction: reads, writes, and the answer for its caller. Throwing undoes all it did. It may run
 * twice, so that it changes nothing outside of the transaction.
 */
export type Step<Answer> = (turn: Turn) => Answer;

interface StoreRow extends AgeRow {
  readonly mark: number;
  readonly discarded: number;
}

/** `storing`: takes room on the disk, and is refused when there is none. All other steps must not fail for want of room. */
export type Purpose = "storing" | "keeping";

interface Waiting {
  readonly step: Step<unknown>;
  readonly purpose: Purpose;
  answer: unknown;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: StoreUnavailable) => void;
}

export interface CommitHooks {
  /** Parts were destroyed, and their transaction is committed. */
  readonly destroyed: () => void;
  /** The disk is full for a step that must not fail for it: makes room, if there is any to make. */
  readonly full: () => void;
}

/** Steps in one transaction at most: bounds how long the lock and the event loop are held. */
const STEPS_PER_COMMIT = 64;

/**
 * Steps that arrive in the same tick share one transaction, and so one wait for the disk; every caller is answered only after
 * its commit. When a shared transaction fails, each of its steps runs again alone, so that one cannot fail the others.
 */
export class Commits {
  #waiting: Waiting[] = [];
  #scheduled = false;
  #latest = 0;
  #closed = false;
  readonly #db: DatabaseSync;
  readonly #sql: Statements;
  /** The machine's clock; the store's time may be ahead of it. */
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
  run<Answer>(step: Step<Answer>, purpose: Purpose = "keeping"): Promise<Answer> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("closed"));
    return new Promise((resolve, reject) => {
      const answered = resolve as (answer: unknown) => void;
      this.#waiting.push({ step, purpose, answer: undefined, resolve: answered, reject });
      this.#schedule();
    });
  }

  /** Runs what still waits, then refuses all that comes. */
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
      // Nothing began: each step alone would only wait for the same lock again.
      for (const waiting of group) waiting.reject(unavailable(error));
      return;
    }
    try {
      this.#perform(group);
    } catch (error) {
      this.#rollBack();
      const [only] = group;
      if (group.length === 1 && only && !this.#makesRoom(only, error)) only.reject(unavailable(error));
      else for (const waiting of group) this.#alone(waiting);
      return;
    }
    for (const { answer, resolve } of group) resolve(answer);
  }

  #alone(waiting: Waiting, again = false): void {
    try {
      this.#begin();
      this.#perform([waiting]);
    } catch (error) {
      this.#rollBack();
      if (!again && this.#makesRoom(waiting, error)) this.#alone(waiting, true);
      else waiting.reject(unavailable(error));
      return;
    }
    waiting.resolve(waiting.answer);
  }

  /** True when the disk was full and the step is one that gets the room that is kept for it. */
  #makesRoom({ purpose }: Waiting, error: unknown): boolean {
    if (purpose === "storing" || unavailable(error).reason !== "full") return false;
    this.#hooks.full();
    return true;
  }

  /** A file that was deleted or replaced would take writes that no restart ever finds. */
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
    const turn: Turn = {
      now,
      clockBehindMs,
      sql: this.#sql,
      age: row.age,
      discarded,
      changed: false,
      destroyed: 0,
      remains: [],
    };
    this.#latest = now;
    for (const waiting of group) waiting.answer = waiting.step(turn);
    const age = turn.changed ? row.age + 1 : row.age;
    if (turn.changed) this.#sql.writeStore.run(now, age);
    this.#db.exec("COMMIT");
    this.#history.see(age, now);
    this.count += 1;
    if (turn.destroyed > 0) this.#hooks.destroyed();
  }

  #rollBack(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
    } catch {
      // The transaction is not there any more, which is all that was wanted.
    }
  }
}
