import type { Id } from "../contract/secrets.ts";
import { StoreUnavailable } from "../errors.ts";
import type { Asker } from "./age.ts";
import { type Answer, word } from "./answer.ts";
import { MEND_RECORD } from "./audit.ts";
import type { Keyspace, Steps } from "./connection.ts";
import { look } from "./heartbeat.ts";
import type { History } from "./history.ts";
import { recordKey } from "./keys.ts";

const AT_ONCE = 100;
const TRIES = 3;

/**
 * For how long a look at the heartbeat is relied on, in milliseconds. No longer than the shortest lease: a sweep that ends the halt within
 * this time gives leases their time anew, and none of them is over before the look is forgotten.
 */
const KNOWN_FOR_MS = 1_000;

/** What a look at the heartbeat found. Times are the store's. */
export interface Halt {
  /** When the halt began that is on; null: the service is not halted, or no sweep was ever recorded. */
  readonly since: number | null;
  /** Until when that is known; null: for ever. */
  readonly until: number | null;
}

/** Whether the service is halted for want of a complete sweep, which it is when the last one began `maxAgeMs` ago. */
export async function lookForHalt(
  keyspace: Keyspace & Asker,
  history: History,
  maxAgeMs: number | undefined,
): Promise<Halt> {
  if (maxAgeMs === undefined) return { since: null, until: null };
  const { now, storeId, heartbeat } = await look(keyspace, history);
  if (heartbeat?.storeId !== storeId || heartbeat.startedAt > now) return { since: null, until: null };
  const since = heartbeat.startedAt + maxAgeMs;
  const until = now + KNOWN_FOR_MS;
  return now >= since ? { since, until } : { since: null, until: Math.min(until, since - 1) };
}

/**
 * Mends records by what is known of the halt. The heartbeat may have its home on another server than a record, so that no step can ask for
 * both: it is asked for each page of a sweep, and again by a step that comes too late.
 */
export class Mending {
  readonly #ask: () => Promise<Halt>;
  #halt: Halt = { since: null, until: null };

  constructor(ask: () => Promise<Halt>) {
    this.#ask = ask;
  }

  async look(): Promise<Halt> {
    this.#halt = await this.#ask();
    return this.#halt;
  }

  /** @throws StoreUnavailable `timeout` when the server takes so long for the step that a halt could have begun or ended meanwhile */
  async record(steps: Steps, id: Id): Promise<Answer> {
    for (let tries = 0; tries < TRIES; tries++) {
      const { since, until } = this.#halt;
      const answer = await steps.execute(MEND_RECORD, [recordKey(id)], [since ?? -1, until ?? -1, -1]);
      if (word(answer, 1) !== "late") return answer;
      await this.look();
    }
    throw new StoreUnavailable("timeout");
  }
}

/**
 * Renews what a sweep has given its time anew once more while the halt lasts, so that a long sweep takes nothing of it.
 * @throws StoreUnavailable
 */
export async function renewCutOff(
  keyspace: Keyspace & Asker,
  history: History,
  ids: readonly Id[],
  maxAgeMs: number | undefined,
): Promise<void> {
  const mending = new Mending(() => lookForHalt(keyspace, history, maxAgeMs));
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    if ((await mending.look()).since === null) return;
    await Promise.all(ids.slice(from, from + AT_ONCE).map((id) => mending.record(keyspace, id)));
  }
}
