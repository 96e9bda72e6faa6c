import { randomBytes } from "node:crypto";
import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { unavailable } from "./faults.ts";

/** Enough for the log of one transaction that destroys as much as one may (see remains.ts), and what the next ones need. */
const SPARE_BYTES = 8 * 1024 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/**
 * A file that keeps room on a full disk for burns, acknowledgements, claims and sweeps. It is deleted when such a write finds the
 * disk full, and made again when there is room. While it is missing, no new secret is taken.
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

  /** Makes the file when it is missing and there is room for it. Never throws. */
  make(): void {
    try {
      if (this.present || this.freeBytes < SPARE_BYTES - this.#size) return;
      const file = openSync(this.#path, "a", 0o600);
      try {
        // Random, for a file system that compresses would keep no room for zeros.
        for (let size = this.#size; size < SPARE_BYTES; size += CHUNK_BYTES)
          writeSync(file, randomBytes(CHUNK_BYTES));
      } finally {
        closeSync(file);
      }
    } catch {
      this.giveUp();
    }
  }

  /** Gives the room back to the disk. Never throws. */
  giveUp(): void {
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // Then the disk stays full, which the caller finds out.
    }
  }

  /** Runs a write that must not fail for want of room; when the disk is full, once more without this file. Throws what `run` throws. */
  insist<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      if (unavailable(error).reason !== "full") throw error;
      this.giveUp();
      return run();
    }
  }

  /** Bytes of the disk that this process may still write. */
  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize;
  }

  get #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }
}
