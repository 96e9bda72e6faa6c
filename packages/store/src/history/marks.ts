import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { open, rename } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { StoreRefused } from "../errors.ts";
import type { HistoryOptions } from "../options.ts";
import { formatMark, type Mark, mergeMarks, parseMark } from "./mark.ts";

/** The least interval between two writes of a mark. A copy that is put back within it may go unnoticed. */
const WRITE_EVERY_MS = 1_000;

const SUFFIX = ".mark";
/** The file name that `#pathOf` makes: the store's id, then the process. */
const MARK_NAME = /^([\w-]+)\.[\w-]+\.mark$/;

/**
 * The marks of all processes in one folder. Each process has one file per store, named by store id, program,
 * host and process id. Marks of earlier processes count as long as their files exist.
 */
export class Marks {
  readonly #directory: string;
  readonly #process: string;
  #current: (() => Mark) | null = null;
  #wanted = false;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #wroteAt = Number.NEGATIVE_INFINITY;

  /**
   * Creates the folder with mode 0700 if it is missing.
   * @throws StoreRefused if it cannot be created.
   */
  constructor({ directory, program }: HistoryOptions) {
    this.#directory = directory;
    this.#process = [program, hostname(), process.pid].join("-").replaceAll(/[^\w-]/g, "_");
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    } catch {
      throw new StoreRefused(["The folder of MAYFLY_MARK_DIR cannot be made."]);
    }
  }

  /**
   * Reads all marks. Call it before the store is read: otherwise another process could raise and remember an
   * age in between.
   * `get` throws StoreRefused if a mark of that store cannot be parsed, because its age is unknown. A broken
   * file named by another store's id is ignored.
   */
  read(): Pick<ReadonlyMap<string, Mark>, "get" | "keys"> {
    const marks = new Map<string, Mark>();
    const broken: string[] = [];
    for (const path of this.#paths()) {
      const mark = readMark(path);
      if (mark === undefined) continue;
      if (mark === null) {
        broken.push(basename(path));
        continue;
      }
      const known = marks.get(mark.storeId);
      marks.set(mark.storeId, known === undefined ? mark : mergeMarks(known, mark));
    }
    const brokenOf = broken.map((name) => MARK_NAME.exec(name)?.[1] ?? null);
    return {
      get: (storeId) => {
        if (brokenOf.includes(storeId) || brokenOf.includes(null))
          throw new StoreRefused(["A file in the folder of MAYFLY_MARK_DIR is no mark."]);
        return marks.get(storeId);
      },
      keys: () => new Set([...marks.keys(), ...brokenOf.filter((id) => id !== null)]).values(),
    };
  }

  /**
   * Writes a mark at once, and deletes other processes' marks that are not higher. A running process writes
   * its own again.
   * @throws StoreRefused
   */
  write(mark: Mark): void {
    try {
      const path = this.#pathOf(mark);
      const file = openSync(`${path}.new`, "w", 0o600);
      writeSync(file, formatMark(mark));
      fsyncSync(file);
      closeSync(file);
      renameSync(`${path}.new`, path);
      const folder = openSync(this.#directory, "r");
      fsyncSync(folder);
      closeSync(folder);
      for (const other of this.#paths()) {
        const theirs = other === path ? undefined : readMark(other);
        if (theirs?.storeId === mark.storeId && theirs.age <= mark.age) unlinkSync(other);
      }
    } catch {
      throw new StoreRefused(["The folder of MAYFLY_MARK_DIR cannot be written."]);
    }
  }

  /** Schedules a write, soon and at most once a second, of what `current` returns then. */
  touch(current: () => Mark): void {
    this.#current = current;
    this.#wanted = true;
    if (this.#timer !== null || this.#writing !== null) return;
    const due = this.#wroteAt + WRITE_EVERY_MS - performance.now();
    this.#timer = setTimeout(() => this.#write(), Math.max(0, due));
    this.#timer.unref();
  }

  /** Writes what is still scheduled. */
  async close(): Promise<void> {
    if (this.#timer !== null) this.#write();
    await this.#writing;
    if (this.#wanted) this.#write();
    await this.#writing;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #write(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const current = this.#current;
    if (!this.#wanted || current === null) return;
    this.#wanted = false;
    this.#wroteAt = performance.now();
    // If the folder cannot be written any more, the last mark stays. It misses only copies made since.
    this.#writing = this.#replace(current())
      .catch(() => undefined)
      .finally(() => {
        this.#writing = null;
        if (this.#wanted) this.touch(current);
      });
  }

  async #replace(mark: Mark): Promise<void> {
    const path = this.#pathOf(mark);
    const file = await open(`${path}.new`, "w", 0o600);
    try {
      await file.writeFile(formatMark(mark));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }

  #pathOf({ storeId }: Mark): string {
    return join(this.#directory, `${storeId}.${this.#process}${SUFFIX}`);
  }

  #paths(): string[] {
    const names = readdirSync(this.#directory).filter((name) => name.endsWith(SUFFIX));
    return names.map((name) => join(this.#directory, name));
  }
}

/**
 * Writes the mark of a store that continues. Returns warnings for the operator. If an earlier mark exists, an
 * unwritable folder is only a warning: on a full disk secrets can still be destroyed.
 * @throws StoreRefused
 */
export function writeMarkAtStart(
  marks: Marks | null,
  mark: Mark,
  known: Mark | undefined,
): readonly string[] {
  try {
    marks?.write(mark);
    return [];
  } catch (error) {
    if (known === undefined || !(error instanceof StoreRefused)) throw error;
    return error.faults;
  }
}

/** undefined: another process has just deleted it. null: it cannot be parsed. */
function readMark(path: string): Mark | null | undefined {
  try {
    return parseMark(readFileSync(path, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    return null;
  }
}
