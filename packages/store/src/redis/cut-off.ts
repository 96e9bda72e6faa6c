import type { Id } from "../contract/secrets.ts";
import { MEND_RECORD } from "./audit.ts";
import type { Keyspace } from "./connection.ts";
import { look } from "./heartbeat.ts";
import type { Asker, History } from "./history.ts";
import { recordKey } from "./keys.ts";

const AT_ONCE = 100;

/** What a sweep found that a halt had cut off. */
export interface CutOff {
  readonly haltedSince: number;
  readonly ids: readonly Id[];
}

/**
 * `haltedSince` while the service is halted, given that it halts then for want of a complete sweep; null while it is not. Asked for each
 * page of a sweep: another worker's sweep may have ended the halt meanwhile, and then leases end as always.
 */
export async function haltNow(
  keyspace: Keyspace & Asker,
  history: History,
  haltedSince: number | undefined,
): Promise<number | null> {
  if (haltedSince === undefined) return null;
  const { now, heartbeat } = await look(keyspace, history);
  return now >= haltedSince && (heartbeat === null || heartbeat.startedAt < haltedSince) ? haltedSince : null;
}

/** Gives it all its time once more, so that a long sweep takes nothing of the time that it gave. @throws StoreUnavailable */
export async function renewCutOff(
  keyspace: Keyspace & Asker,
  history: History,
  cutOff: CutOff | null,
): Promise<void> {
  if (cutOff === null || cutOff.ids.length === 0) return;
  const { haltedSince, ids } = cutOff;
  if ((await haltNow(keyspace, history, haltedSince)) === null) return;
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    await Promise.all(some.map((id) => keyspace.execute(MEND_RECORD, [recordKey(id)], [haltedSince])));
  }
}
