import { randomBytes } from "node:crypto";
import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { unavailable } from "./faults.ts";

/**
 * Enough for the log of one transaction that destroys as much as it may (deferred-deletions.ts), and for the
 * next ones.
 */
const SPARE_BYTES = 8 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/**
 * A file that reserves disk space for burns, acknowledgements, claims and sweeps. Such a write deletes it if
 * the disk is full. It is made again when there is space. While it is missing, the store takes no new secret.
 */
export class SpareFile {
  readonly #path: string;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
    this.#path = join(directory, "mayfly.reserve");
  }

  get present(): boolean {
    return this.#size >= SPARE_BYTES;
  }

  /** Makes the file if it is missing and there is space. Never throws. */
  make(): void {
    try {
      if (this.present || this.freeBytes < SPARE_BYTES - this.#size) return;
      const file = openSync(this.#path, "a", 0o600);
      try {
        // Random bytes: a compressing file system would reserve no space for zeros.
        for (let size = this.#size; size < SPARE_BYTES; size += CHUNK_BYTES)
          writeSync(file, randomBytes(CHUNK_BYTES));
      } finally {
        closeSync(file);
      }
    } catch {
      this.release();
    }
  }

  /** Deletes the file, which frees its space. Never throws. */
  release(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // The disk stays full; the caller's retry fails.
    }
  }

  /**
   * Runs an essential write. If the disk is full, deletes the spare file and runs it once more. Throws what
   * `run` throws.
   */
  runWithSpace<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      if (unavailable(error).reason !== "full") throw error;
      this.release();
      return run();
    }
  }

  /** Bytes of the disk that this process can still write. */
  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize;
  }

  get #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }
}
