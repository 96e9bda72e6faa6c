import type { Id } from "../contract/secrets.ts";
import { StoreUnavailable } from "../errors.ts";
import { type Answer, word } from "./answer.ts";
import { REPAIR_RECORD } from "./audit.ts";
import { viewHeartbeat } from "./heartbeat.ts";
import type { History } from "./history.ts";
import { recordKey } from "./keys.ts";
import type { Keyspace, Steps, UngatedSteps } from "./steps.ts";

const AT_ONCE = 100;
const TRIES = 3;

/**
 * How long a view of the heartbeat is trusted, in milliseconds; at most the shortest lease. If a sweep ends
 * the halt within this time and renews leases, no renewed lease ends before the view is refreshed.
 */
const KNOWN_FOR_MS = 1_000;

/** A halt as the heartbeat tells it. Times are the store's. */
export interface Halt {
  /** When the current halt began. null: the service is not halted, or no sweep was ever recorded. */
  readonly since: number | null;
  /** Until when that is known; null: for ever. */
  readonly until: number | null;
}

/** The service halts once the start of its last complete sweep is `maxAgeMs` ago. */
export async function readHalt(
  keyspace: Keyspace & UngatedSteps,
  history: History,
  maxAgeMs: number | undefined,
): Promise<Halt> {
  if (maxAgeMs === undefined) return { since: null, until: null };
  const { now, storeId, heartbeat } = await viewHeartbeat(keyspace, history);
  if (heartbeat?.storeId !== storeId || heartbeat.startedAt > now) return { since: null, until: null };
  const since = heartbeat.startedAt + maxAgeMs;
  const until = now + KNOWN_FOR_MS;
  return now >= since ? { since, until } : { since: null, until: Math.min(until, since - 1) };
}

/**
 * Repairs records, and renews what a halt cut off. The heartbeat may lie on another server than a record, so
 * no step can read both. It is read for each page of a sweep, and again if a step comes too late.
 */
export class RecordRepair {
  readonly #ask: () => Promise<Halt>;
  #halt: Halt = { since: null, until: null };

  constructor(ask: () => Promise<Halt>) {
    this.#ask = ask;
  }

  async refreshHalt(): Promise<Halt> {
    this.#halt = await this.#ask();
    return this.#halt;
  }

  /** @throws StoreUnavailable `timeout` if the server is so slow that a halt could begin or end meanwhile. */
  async record(steps: Steps, id: Id): Promise<Answer> {
    for (let tries = 0; tries < TRIES; tries++) {
      const { since, until } = this.#halt;
      const answer = await steps.execute(REPAIR_RECORD, [recordKey(id)], [since ?? -1, until ?? -1, -1]);
      if (word(answer, 1) !== "late") return answer;
      await this.refreshHalt();
    }
    throw new StoreUnavailable("timeout");
  }
}

/**
 * Renews once more, if the halt still lasts, what a sweep has renewed: a long sweep must not use up that
 * time.
 * @throws StoreUnavailable
 */
export async function renewAllCutOff(
  keyspace: Keyspace & UngatedSteps,
  history: History,
  ids: readonly Id[],
  maxAgeMs: number | undefined,
): Promise<void> {
  const repair = new RecordRepair(() => readHalt(keyspace, history, maxAgeMs));
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    if ((await repair.refreshHalt()).since === null) return;
    await Promise.all(ids.slice(from, from + AT_ONCE).map((id) => repair.record(keyspace, id)));
  }
}
