import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { PAGE_BYTES } from "./pragmas.ts";

const TRIES = 3;

/**
 * Reads the age from the database file itself, as of the last checkpoint. A connection does not notice a copy
 * written over its file, because it has pages in memory and in the log. So the page of the table `store` is
 * read past SQLite.
 */
export class FileAge {
  readonly #file: SharedFile;
  readonly #log: string;
  readonly #offset: number;
  readonly #page = Buffer.alloc(PAGE_BYTES);
  #highest = 0;

  constructor(db: DatabaseSync, path: string) {
    const found = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'store'").get();
    this.#offset = (Number(found?.rootpage) - 1) * PAGE_BYTES;
    this.#file = SharedFile.open(path);
    this.#log = `${path}-wal`;
  }

  /**
   * Whether the age in the file is lower than it must be; null if no read gave an age.
   *
   * Checkpoints only raise the age in the file, so it must be at least the highest age read before. If the log is
   * empty, the file holds every commit: its age must then be at least `committed`. A read that meets a checkpoint
   * gives no age.
   */
  hasFallen(committed: number): boolean | null {
    for (let tries = 0; tries < TRIES; tries++) {
      const least = isEmpty(this.#log) ? Math.max(this.#highest, committed) : this.#highest;
      const age = this.#read();
      if (age === null) continue;
      if (age < least) return true;
      this.#highest = age;
      return false;
    }
    return null;
  }

  /** Call this when the store's own connection is closed. */
  close(): void {
    this.#file.close();
  }

  #read(): number | null {
    const bytes = readSync(this.#file.descriptor, this.#page, 0, PAGE_BYTES, this.#offset);
    return bytes === PAGE_BYTES ? ageIn(this.#page) : null;
  }
}

/**
 * Closing any descriptor of a file releases all fcntl locks of the process on that file, SQLite's included.
 * So all stores of one file share a descriptor, and the last store closes it.
 */
class SharedFile {
  static readonly #open = new Map<string, SharedFile>();
  readonly descriptor: number;
  readonly #key: string;
  #users = 0;

  private constructor(key: string, descriptor: number) {
    this.#key = key;
    this.descriptor = descriptor;
  }

  static open(path: string): SharedFile {
    const { dev, ino } = statSync(path, { bigint: true });
    const key = `${dev} ${ino}`;
    const file = SharedFile.#open.get(key) ?? new SharedFile(key, openSync(path, "r"));
    SharedFile.#open.set(key, file);
    file.#users += 1;
    return file;
  }

  close(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    SharedFile.#open.delete(this.#key);
    closeSync(this.descriptor);
  }
}

function isEmpty(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) === 0;
}

const LEAF_OF_TABLE = 0x0d;
const INTEGER_BYTES = [0, 1, 2, 3, 4, 6, 8];

/**
 * Reads the age from the one row of a table's leaf page
 * (https://www.sqlite.org/fileformat2.html#b_tree_pages). null: not such a page, or a torn page. A torn page
 * shows by a complement, the next column, that does not match the age.
 */
export function ageIn(page: Buffer): number | null {
  if (page[0] !== LEAF_OF_TABLE || page.readUInt16BE(3) !== 1) return null;
  let at = page.readUInt16BE(8);
  const skipVarint = () => {
    while ((page[at] ?? 0) & 0x80) at += 1;
    at += 1;
  };
  skipVarint();
  skipVarint();
  // The record header is short: its length and the serial types of key, age and complement take one byte
  // each.
  const [header = 0, , ageType = 0, complementType = 0] = page.subarray(at, at + 4);
  const age = integerAt(page, ageType, at + header);
  if (age === null) return null;
  const complement = integerAt(page, complementType, at + header + age.bytes);
  return complement?.value === -1n - age.value ? Number(age.value) : null;
}

function integerAt(page: Buffer, type: number, from: number): { value: bigint; bytes: number } | null {
  if (type === 8 || type === 9) return { value: BigInt(type - 8), bytes: 0 };
  const bytes = INTEGER_BYTES[type] ?? 0;
  if (bytes === 0 || from + bytes > page.length) return null;
  const value = bytes === 8 ? page.readBigInt64BE(from) : BigInt(page.readIntBE(from, bytes));
  return { value, bytes };
}
