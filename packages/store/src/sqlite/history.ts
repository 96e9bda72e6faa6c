import type { DatabaseSync } from "node:sqlite";
import { StoreRefused, StoreUnavailable } from "../errors.ts";
import { admit } from "../history/admission.ts";
import type { Mark } from "../history/mark.ts";
import { Marks, writeMarkAtStart } from "../history/marks.ts";
import type { HistoryOptions } from "../options.ts";
import { connect } from "./database.ts";
import { FileAge } from "./file-age.ts";
import { homeOf, isAt } from "./home.ts";

/** The columns about the store's age that each transaction reads. */
export interface AgeRow {
  readonly age: number;
  /** The age remembered by a process that found the store put back; null: no process has. */
  readonly rolled_back: number | null;
}

interface StartRow extends AgeRow {
  readonly id: string;
  readonly mark: number;
  readonly home: string;
}

const FLAG = "UPDATE store SET rolled_back = max(ifnull(rolled_back, 0), ?) WHERE one = 1";

/**
 * What this process remembers of the store's age, which every changing commit raises. A younger store was put
 * back from a copy. Then every process refuses every step until a start is told how to go on (HISTORY.md).
 */
export class History {
  readonly warnings: readonly string[];
  readonly #path: string;
  readonly #marks: Marks | null;
  readonly #fileAge: FileAge;
  #mark: Mark;
  /** The file's last modification time that was checked. */
  #writtenAt = 0;
  readonly #current = () => this.#mark;

  private constructor(
    db: DatabaseSync,
    path: string,
    marks: Marks | null,
    mark: Mark,
    warnings: readonly string[],
  ) {
    this.#path = path;
    this.#marks = marks;
    this.#mark = mark;
    this.warnings = warnings;
    this.#fileAge = new FileAge(db, path);
  }

  /** @throws StoreRefused when the store was put back. */
  static begin(db: DatabaseSync, path: string, options?: HistoryOptions): History {
    const marks = options === undefined ? null : new Marks(options);
    const known = marks?.read();
    db.exec("BEGIN IMMEDIATE");
    try {
      const row = db.prepare("SELECT id, age, rolled_back, mark, home FROM store WHERE one = 1").get();
      const {
        id: storeId,
        age,
        rolled_back: rolledBack,
        mark: answeredAt,
        home,
      } = row as unknown as StartRow;
      // A store that was never changed cannot be a copy that hides reads.
      const atHome = marks === null || age === 0 || isAt(path, home);
      const found = { age, rolledBack, mark: known?.get(storeId) };
      const admission = admit({ storeId, ages: [found], atHome }, false, options?.restored);
      if (admission.way === "refuse") {
        const remembered = admission.remembered?.[0];
        if (remembered !== undefined) db.prepare(FLAG).run(remembered);
        db.exec("COMMIT");
        throw new StoreRefused(admission.faults);
      }
      if (admission.way === "go") {
        db.exec("COMMIT");
        const warnings = marks === null || age === 0 ? [] : admission.warnings;
        const mark = { storeId, age, beats: [], answeredAt };
        const unwritten = writeMarkAtStart(marks, mark, known?.get(storeId));
        return new History(db, path, marks, mark, [...warnings, ...unwritten]);
      }
      const goOn = "UPDATE store SET age = ?, rolled_back = NULL, home = ? WHERE one = 1";
      const after = admission.ages[0] ?? age;
      db.prepare(goOn).run(after, homeOf(path));
      if (admission.way === "discard")
        db.exec("UPDATE store SET discarded = (SELECT ifnull(max(secret), 0) FROM secrets) WHERE one = 1");
      db.exec("COMMIT");
      const mark = { storeId, age: after, beats: [], answeredAt };
      marks?.write(mark);
      return new History(db, path, marks, mark, []);
    } catch (error) {
      if (db.isTransaction) db.exec("ROLLBACK");
      throw error;
    }
  }

  /**
   * Called before each transaction. `writtenAt`: the file's modification time.
   * @throws StoreUnavailable `rolled_back`
   */
  requireOwnFile(writtenAt: number): void {
    if (writtenAt === this.#writtenAt) return;
    const fallen = this.#fileAge.hasFallen(this.#mark.age);
    if (fallen) {
      this.#flag();
      throw new StoreUnavailable("rolled_back");
    }
    // An age that could not be read is read again before the next transaction.
    if (fallen === false) this.#writtenAt = writtenAt;
  }

  /**
   * Called first in each transaction. Ends the transaction if it throws.
   * @throws StoreUnavailable `rolled_back`
   */
  requireOwn(db: DatabaseSync, { age, rolled_back }: AgeRow): void {
    if (rolled_back === null && age >= this.#mark.age) return;
    if (rolled_back === null) {
      db.prepare(FLAG).run(this.#mark.age);
      db.exec("COMMIT");
    }
    throw new StoreUnavailable("rolled_back");
  }

  /** Remembers the age that was committed or read. */
  see(age: number, now: number): void {
    if (age === this.#mark.age) return;
    this.#mark = { ...this.#mark, age, answeredAt: now };
    this.#marks?.touch(this.#current);
  }

  /** Call this when the store's own connection is closed. */
  async close(): Promise<void> {
    this.#fileAge.close();
    await this.#marks?.close();
  }

  /** Uses a connection of its own: the store's connection may hold pages of the replaced file. */
  #flag(): void {
    const db = connect(this.#path, 0);
    try {
      db.prepare(FLAG).run(this.#mark.age);
    } finally {
      db.close();
    }
  }
}
