/** A store of a run's own, the faults it can be given, and looks into it past the service. */
import { openStore, type StoreOptions } from "@mayfly/store";
import type { Environment } from "../../src/service.ts";
import type { Remainder } from "../history.ts";
import { CANARY } from "../plan.ts";
import type { FaultMaker, Unavailable } from "./fault.ts";
import type { SteppedClock } from "./stepped-clock.ts";

export interface StoreLab {
  /** Names the store to one program; each may have its own way to it. */
  environment(program: string): Environment;
  /** Faults of the store itself and of the way to it. `programs` can be told to come again. */
  faults(programs: { killAll(): Promise<void>; restartWorker(): Promise<void> }): FaultMaker[];
  readonly unavailable: readonly Unavailable[];
  /** The store's clock, where the run can step it. */
  readonly clock: SteppedClock | null;
  /** Brings everything back, whatever faults were under way. */
  mend(): Promise<void> | void;
  /** Keys or records that would never end by themselves. To be asked before a sweep mends them. */
  endless(): Promise<Remainder[]>;
  /** Everything in which ciphertext may lie, by name. */
  contents(): Promise<Map<string, Buffer>>;
  /** Opens it past the service. */
  readonly options: StoreOptions;
  stop(): Promise<void>;
}

/** Things that the last sweep should have removed, by the store's own verification: what was due when it began, and is there. */
export async function overdueIn(options: StoreOptions): Promise<Remainder[]> {
  const store = await openStore(options);
  try {
    const { heartbeat, now } = await store.heartbeat();
    const found = await store.overdue(heartbeat?.startedAt ?? now, { batch: 100 });
    if (found.outcome === "verified") return [];
    return [{ what: "overdue", where: `${found.count} records`, secret: null }];
  } finally {
    await store.close();
  }
}

/** Where the ciphertext of `ended` secrets still lies. */
export function ciphertextIn(contents: ReadonlyMap<string, Buffer>, ended: ReadonlySet<number>): Remainder[] {
  const found: Remainder[] = [];
  for (const [where, bytes] of contents) {
    const here = new Set<number>();
    for (let at = bytes.indexOf(CANARY); at >= 0; at = bytes.indexOf(CANARY, at + 1)) {
      const numberAt = at + CANARY.length;
      if (numberAt + 4 <= bytes.length) here.add(bytes.readUInt32BE(numberAt));
    }
    for (const secret of here) {
      if (ended.has(secret)) found.push({ what: "ciphertext", where, secret });
    }
  }
  return found;
}
