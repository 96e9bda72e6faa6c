import { setTimeout as pause } from "node:timers/promises";
import { StoreUnavailable } from "../errors.ts";
import type { Commits, Purpose, Step, Transaction } from "./commits.ts";
import { PARTS_PER_SECRET } from "./migrations.ts";

/**
 * The most bytes destroyed in one transaction: zeroing is a write, and other work waits for the lock
 * meanwhile.
 */
const BYTES_PER_COMMIT = 4 * 1024 * 1024;

/**
 * The most bytes of other calls' secrets that one call destroys, and the most that one `endDue` destroys in
 * all.
 */
const BYTES_PER_CALL = 16 * 1024 * 1024;

/** The most parts read in one transaction. */
const PARTS_PER_COMMIT = 64;

/** True if this transaction may destroy so many more bytes. */
export function fits(transaction: Transaction, bytes: number): boolean {
  return transaction.destroyed + bytes <= BYTES_PER_COMMIT;
}

/** Destroys a secret's parts in this transaction, or defers them if they are too many bytes. */
export function destroyParts(transaction: Transaction, secret: number, bytes: number): void {
  if (!fits(transaction, bytes)) {
    transaction.deferred.push(secret);
    return;
  }
  transaction.sql.deleteParts.run(...range(secret));
  transaction.destroyed += bytes;
}

/** Resumes a deletion that failed half-way. */
export function resumeDeletion(transaction: Transaction, secret: number): void {
  if (transaction.sql.anyPart.get(...range(secret))) transaction.deferred.push(secret);
}

/**
 * How often a sweep tries to get the lock, each time for the whole busy timeout, and the pause between the
 * tries.
 */
const LOCK = { tries: 5, pauseMs: 250 } as const;

/**
 * For the sweep: runs a step that may end secrets, then destroys all their parts. Retries while the lock is
 * held: a failed sweep would bring the halt nearer.
 * @throws StoreUnavailable
 */
export async function runAndDestroy<Answer>(commits: Commits, step: Step<Answer>): Promise<Answer> {
  const { answer, deferred } = await whenUnlocked(() => runDeferring(commits, step));
  for (const secret of deferred)
    await whenUnlocked(() => destroyDeferred(commits, secret, Number.POSITIVE_INFINITY));
  return answer;
}

async function whenUnlocked<Answer>(run: () => Promise<Answer>): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    try {
      return await run();
    } catch (error) {
      const busy = error instanceof StoreUnavailable && error.reason === "busy";
      if (!busy || tries === LOCK.tries) throw error;
      await pause(LOCK.pauseMs);
    }
  }
}

/**
 * Secrets that this process has ended and whose parts are not all destroyed yet. Nobody can open them, but
 * their bytes are in the file. After a crash the next sweep removes the parts as orphans: a secret's number
 * is never reused.
 */
export class DeferredDeletions {
  readonly #commits: Commits;
  readonly #pending = new Set<number>();
  #continuing = false;

  constructor(commits: Commits) {
    this.#commits = commits;
  }

  /**
   * Runs a verb's step and answers when the parts of what it ended are destroyed. A committed step is always
   * answered: the answer may hold the only copy of the bytes. Later calls destroy what could not be
   * destroyed.
   * @throws StoreUnavailable if the step was not committed.
   */
  async run<Answer>(step: Step<Answer>, purpose?: Purpose): Promise<Answer> {
    const { answer, deferred } = await runDeferring(this.#commits, step, purpose);
    for (const secret of deferred) this.#pending.add(secret);
    try {
      for (const secret of deferred) await this.#destroy(secret, Number.POSITIVE_INFINITY);
      if (this.#pending.size > 0) void this.#continue();
    } catch {
      // The secret stays pending for the next call.
    }
    return answer;
  }

  /**
   * Destroys pending parts, then lets `end` end what is due and destroys that: about 16 MiB in all, so that
   * it returns soon. Ends nothing if the pending parts alone reach that limit.
   * @throws StoreUnavailable if nothing was ended.
   */
  async endDue(end: (transaction: Transaction, maxBytes: number) => number): Promise<number> {
    const maxBytes = BYTES_PER_CALL - (await this.#destroyPending(BYTES_PER_CALL));
    if (maxBytes <= 0) return 0;
    const { answer, deferred } = await runDeferring(this.#commits, (transaction) =>
      end(transaction, maxBytes),
    );
    for (const secret of deferred) this.#pending.add(secret);
    await this.#destroyPending(maxBytes).catch(() => 0);
    return answer;
  }

  /**
   * Destroys about `maxBytes` of the pending parts, the oldest first. Returns the bytes destroyed.
   * @throws StoreUnavailable
   */
  async #destroyPending(maxBytes: number): Promise<number> {
    let destroyed = 0;
    for (const secret of this.#pending) {
      if (destroyed >= maxBytes) break;
      destroyed += await this.#destroy(secret, maxBytes - destroyed);
    }
    return destroyed;
  }

  async #destroy(secret: number, maxBytes: number): Promise<number> {
    const { bytes, complete } = await destroyDeferred(this.#commits, secret, maxBytes);
    if (complete) this.#pending.delete(secret);
    return bytes;
  }

  /** Runs in the background: the caller does not wait for it. */
  async #continue(): Promise<void> {
    if (this.#continuing) return;
    this.#continuing = true;
    await this.#destroyPending(BYTES_PER_CALL).catch(() => 0);
    this.#continuing = false;
  }
}

/** `complete`: no part is left. */
interface Destroyed {
  readonly bytes: number;
  readonly complete: boolean;
}

function runDeferring<Answer>(commits: Commits, step: Step<Answer>, purpose?: Purpose) {
  return commits.run((transaction) => {
    transaction.deferred = [];
    return { answer: step(transaction), deferred: transaction.deferred };
  }, purpose);
}

/**
 * Destroys about `maxBytes` of a secret's parts, in several transactions.
 * @throws StoreUnavailable
 */
async function destroyDeferred(commits: Commits, secret: number, maxBytes: number): Promise<Destroyed> {
  let bytes = 0;
  for (;;) {
    const done = await commits.run((transaction) => destroySome(transaction, secret));
    bytes += done.bytes;
    if (done.complete || bytes >= maxBytes) return { bytes, complete: done.complete };
  }
}

/** Destroys as many parts as this transaction may, which is none if other steps have destroyed enough. */
function destroySome(transaction: Transaction, secret: number): Destroyed {
  const parts = transaction.sql.nextParts.all(...range(secret), PARTS_PER_COMMIT) as {
    part: number;
    bytes: number;
  }[];
  const destroyedParts = parts.slice(0, destroyFirst(transaction, parts));
  const destroyed = destroyedParts.reduce((sum, { bytes }) => sum + bytes, 0);
  const complete = destroyedParts.length === parts.length && parts.length < PARTS_PER_COMMIT;
  // The record of a reservation stays until its last part is destroyed (end.ts).
  if (complete && transaction.sql.forgetAbandoned.run(secret, transaction.now).changes > 0)
    transaction.changed = true;
  return { bytes: destroyed, complete };
}

/** Destroys the first of these parts, as many as this transaction may. Returns their number. */
export function destroyFirst(
  transaction: Transaction,
  parts: readonly { readonly part: number; readonly bytes: number }[],
): number {
  let count = 0;
  for (const { part, bytes } of parts) {
    // At least one part is destroyed, however large: otherwise small ends beside it could hold it up for
    // ever.
    const full =
      count > 0
        ? transaction.destroyed + bytes > BYTES_PER_COMMIT
        : transaction.destroyed >= BYTES_PER_COMMIT;
    if (full) break;
    transaction.sql.deletePart.run(part);
    transaction.destroyed += bytes;
    count += 1;
  }
  return count;
}

function range(secret: number): [from: number, to: number] {
  return [secret * PARTS_PER_SECRET, (secret + 1) * PARTS_PER_SECRET];
}
