import { setTimeout as pause } from "node:timers/promises";
import { StoreUnavailable } from "../errors.ts";
import type { Commits, Purpose, Step, Turn } from "./commits.ts";
import { PARTS_PER_SECRET } from "./migrations.ts";

/**
 * When so much has been destroyed in one transaction, the rest is for the next: zeroing is a write, and nobody else gets a
 * turn meanwhile.
 */
const BYTES_PER_COMMIT = 4 * 1024 * 1024;

/** What one call destroys of what others left, and what one `endDue` destroys in all. */
const BYTES_PER_CALL = 16 * 1024 * 1024;

/** Parts looked at in one transaction at most. */
const PARTS_PER_COMMIT = 64;

/** Whether so many bytes can be destroyed in this transaction, besides what it has destroyed already. */
export function fits(turn: Turn, bytes: number): boolean {
  return turn.destroyed + bytes <= BYTES_PER_COMMIT;
}

/** Destroys a secret's parts in this transaction, or leaves them as remains when they are too many bytes for it. */
export function destroyParts(turn: Turn, secret: number, bytes: number): void {
  if (!fits(turn, bytes)) {
    turn.remains.push(secret);
    return;
  }
  turn.sql.deleteParts.run(...range(secret));
  turn.destroyed += bytes;
}

/** Takes up again what an ending left behind that failed half-way. */
export function takeUpRemains(turn: Turn, secret: number): void {
  if (turn.sql.anyPart.get(...range(secret))) turn.remains.push(secret);
}

/** How often a sweep tries again to get the lock, each time after the whole busy timeout, and how long it lets others be in between. */
const LOCK = { tries: 5, pauseMs: 250 } as const;

/**
 * For the sweep: runs a step that may end secrets, and answers when nothing of them is left. A lock that others hold for long is waited
 * for: a sweep that failed for it would bring the halt nearer. @throws StoreUnavailable
 */
export async function runEnding<Answer>(commits: Commits, step: Step<Answer>): Promise<Answer> {
  const { answer, remains } = await whenUnlocked(() => runLeaving(commits, step));
  for (const secret of remains)
    await whenUnlocked(() => destroyRemains(commits, secret, Number.POSITIVE_INFINITY));
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
 * Secrets of this process that have ended, and whose parts are not all destroyed yet: out of everyone's reach, and still in
 * the file. What a crash leaves behind is an orphan for the next sweep; numbers of secrets are never used again, so that
 * nothing else can be meant by it.
 */
export class Remains {
  readonly #commits: Commits;
  readonly #left = new Set<number>();
  #goingOn = false;

  constructor(commits: Commits) {
    this.#commits = commits;
  }

  /**
   * Runs a verb's step, and answers when nothing is left of what it ended. Once the step is committed its answer is given, come
   * what may: it may hold the only copy of the bytes. What could not be destroyed then is left to the next calls.
   * @throws StoreUnavailable when the step itself was not committed.
   */
  async run<Answer>(step: Step<Answer>, purpose?: Purpose): Promise<Answer> {
    const { answer, remains } = await runLeaving(this.#commits, step, purpose);
    for (const secret of remains) this.#left.add(secret);
    try {
      for (const secret of remains) await this.#destroy(secret, Number.POSITIVE_INFINITY);
      if (this.#left.size > 0) void this.#goOn();
    } catch {
      // Still in the list.
    }
    return answer;
  }

  /**
   * Destroys what was left, then lets `end` end what is due, with no more parts than `room` bytes if it can, and destroys that:
   * about 16 MiB in all, so that it returns soon. Nothing is ended while there is enough left from before.
   * @throws StoreUnavailable when nothing was ended.
   */
  async endDue(end: (turn: Turn, room: number) => number): Promise<number> {
    const room = BYTES_PER_CALL - (await this.#destroyLeft(BYTES_PER_CALL));
    if (room <= 0) return 0;
    const { answer, remains } = await runLeaving(this.#commits, (turn) => end(turn, room));
    for (const secret of remains) this.#left.add(secret);
    await this.#destroyLeft(room).catch(() => 0);
    return answer;
  }

  /** Destroys about this many bytes of what is left, the oldest first; how many it were. @throws StoreUnavailable */
  async #destroyLeft(room: number): Promise<number> {
    let destroyed = 0;
    for (const secret of this.#left) {
      if (destroyed >= room) break;
      destroyed += await this.#destroy(secret, room - destroyed);
    }
    return destroyed;
  }

  async #destroy(secret: number, room: number): Promise<number> {
    const { bytes, over } = await destroyRemains(this.#commits, secret, room);
    if (over) this.#left.delete(secret);
    return bytes;
  }

  /** Behind the back of a caller who does not wait for it. */
  async #goOn(): Promise<void> {
    if (this.#goingOn) return;
    this.#goingOn = true;
    await this.#destroyLeft(BYTES_PER_CALL).catch(() => 0);
    this.#goingOn = false;
  }
}

/** `over`: no part is there any more. */
interface Destroyed {
  readonly bytes: number;
  readonly over: boolean;
}

function runLeaving<Answer>(commits: Commits, step: Step<Answer>, purpose?: Purpose) {
  return commits.run((turn) => {
    turn.remains = [];
    return { answer: step(turn), remains: turn.remains };
  }, purpose);
}

/** Destroys about `room` bytes of a secret's parts, in as many transactions as it takes. @throws StoreUnavailable */
async function destroyRemains(commits: Commits, secret: number, room: number): Promise<Destroyed> {
  let bytes = 0;
  for (;;) {
    const done = await commits.run((turn) => destroySome(turn, secret));
    bytes += done.bytes;
    if (done.over || bytes >= room) return { bytes, over: done.over };
  }
}

/** What this transaction still has room for, which may be nothing when other steps destroy too. */
function destroySome(turn: Turn, secret: number): Destroyed {
  const parts = turn.sql.nextParts.all(...range(secret), PARTS_PER_COMMIT) as {
    part: number;
    bytes: number;
  }[];
  const gone = parts.slice(0, destroyFirst(turn, parts));
  const destroyed = gone.reduce((sum, { bytes }) => sum + bytes, 0);
  const over = gone.length === parts.length && parts.length < PARTS_PER_COMMIT;
  // Of a reservation the record stays till here (see end.ts).
  if (over && turn.sql.forgetAbandoned.run(secret, turn.now).changes > 0) turn.changed = true;
  return { bytes: destroyed, over };
}

/** Destroys the first of these parts that this transaction still has room for, which may be none; how many. */
export function destroyFirst(
  turn: Turn,
  parts: readonly { readonly part: number; readonly bytes: number }[],
): number {
  let count = 0;
  for (const { part, bytes } of parts) {
    // One part at least, however large it is, so that small ends beside it cannot hold it up for ever.
    const full = count > 0 ? turn.destroyed + bytes > BYTES_PER_COMMIT : turn.destroyed >= BYTES_PER_COMMIT;
    if (full) break;
    turn.sql.deletePart.run(part);
    turn.destroyed += bytes;
    count += 1;
  }
  return count;
}

function range(secret: number): [from: number, to: number] {
  return [secret * PARTS_PER_SECRET, (secret + 1) * PARTS_PER_SECRET];
}
