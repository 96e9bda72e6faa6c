import type { DatabaseSync } from "node:sqlite";
import { checkpointAtOnce } from "./checkpoint.ts";
import type { SpareFile } from "./spare-file.ts";

/** From the first destruction since the last cut until the log is cut: one cut for all that ends meanwhile. */
const CUT_MS = 2_000;
/** Until the next try where a transaction of another connection was in the way. */
const RETRY_MS = 250;

/** How many seconds after its end a secret's sealed bytes are in no file any more: `endDue`'s second, `CUT_MS`, and some tries. */
export const ERASED_WITHIN_SECONDS = 10;

/**
 * Cuts the write-ahead log soon after something was destroyed: until then the log holds what the pages held before. Never waits for
 * other connections, so that nobody waits longer than for a checkpoint of what is there.
 */
export class LogCuts {
  readonly #db: DatabaseSync;
  readonly #busyTimeoutMs: number;
  readonly #spare: SpareFile;
  #timer: NodeJS.Timeout | undefined;
  /** The first destruction since the last cut, on `performance.now()`. */
  #since: number | null = null;
  #closed = false;

  constructor(db: DatabaseSync, busyTimeoutMs: number, spare: SpareFile) {
    this.#db = db;
    this.#busyTimeoutMs = busyTimeoutMs;
    this.#spare = spare;
  }

  /** True when something that was destroyed is in the log for longer than is told. */
  get late(): boolean {
    return this.#since !== null && performance.now() - this.#since > (ERASED_WITHIN_SECONDS - 1) * 1_000;
  }

  /** Something was destroyed, and its transaction is committed. */
  destroyed(): void {
    this.#since ??= performance.now();
    this.#schedule(CUT_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #schedule(ms: number): void {
    if (this.#closed) return;
    // The process may end without it: the next start cuts the log.
    this.#timer ??= setTimeout(() => this.#cut(), ms).unref();
  }

  #cut(): void {
    this.#timer = undefined;
    if (this.#tryCut()) this.#since = null;
    else this.#schedule(RETRY_MS);
  }

  #tryCut(): boolean {
    try {
      return this.#spare.insist(() => checkpointAtOnce(this.#db, this.#busyTimeoutMs));
    } catch {
      return false;
    }
  }
}
