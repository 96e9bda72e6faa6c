import type { DatabaseSync } from "node:sqlite";
import { checkpointWithoutWaiting } from "./checkpoint.ts";
import type { SpareFile } from "./spare-file.ts";

/**
 * Delay from the first destruction to the truncation: one truncation serves everything that ends meanwhile.
 */
const TRUNCATE_AFTER_MS = 2_000;
/** Delay until the next try if another connection's transaction blocked the truncation. */
const RETRY_MS = 250;

/**
 * Seconds after its end when no file holds a secret's bytes any more: one for `endDue`, `TRUNCATE_AFTER_MS`,
 * and some retries.
 */
export const ERASED_WITHIN_SECONDS = 10;

/**
 * Truncates the write-ahead log soon after something was destroyed: until then the log holds the old content
 * of pages. Never waits for other connections, so a request waits for one checkpoint at most.
 */
export class LogTruncation {
  readonly #db: DatabaseSync;
  readonly #busyTimeoutMs: number;
  readonly #spare: SpareFile;
  #timer: NodeJS.Timeout | undefined;
  /** The first destruction since the last truncation, on `performance.now()`. */
  #since: number | null = null;
  #closed = false;

  constructor(db: DatabaseSync, busyTimeoutMs: number, spare: SpareFile) {
    this.#db = db;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#spare = spare;
  }

  /** True if the log holds destroyed bytes for longer than `ERASED_WITHIN_SECONDS` allows. */
  get late(): boolean {
    return this.#since !== null && performance.now() - this.#since > (ERASED_WITHIN_SECONDS - 1) * 1_000;
  }

  /** Call this after the commit of a transaction that destroyed parts. */
  destroyed(): void {
    this.#since ??= performance.now();
    this.#schedule(TRUNCATE_AFTER_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(ms: number): void {
    if (this.#closed) return;
    // The timer does not keep the process alive: the next start truncates the log.
    this.#timer ??= setTimeout(() => this.#truncate(), ms).unref();
  }

  #truncate(): void {
    this.#timer = undefined;
    if (this.#tryTruncate()) this.#since = null;
    else this.#schedule(RETRY_MS);
  }

  #tryTruncate(): boolean {
    try {
      return this.#spare.runWithSpace(() => checkpointWithoutWaiting(this.#db, this.#busyTimeoutMs));
    } catch {
      return false;
    }
  }
}
