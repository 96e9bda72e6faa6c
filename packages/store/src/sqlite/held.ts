import { setImmediate as nextTurn } from "node:timers/promises";
import type { SweepOptions } from "../contract.ts";
import { StoreUnavailable } from "../errors.ts";
import type { Commits } from "./commits.ts";
import { connect } from "./database.ts";

/**
 * Adds up what all envelopes hold, in one snapshot on a connection of its own, so that writers go on meanwhile, and corrects
 * the counter by the difference. Of two sweeps that found the same difference only one corrects it.
 */
export async function repairHeld(
  commits: Commits,
  path: string,
  busyTimeoutMs: number,
  options: SweepOptions,
): Promise<void> {
  const db = connect(path, busyTimeoutMs, { readOnly: true });
  let difference: number;
  let repairs: number;
  try {
    db.exec("BEGIN");
    const counter = db.prepare("SELECT held, repairs FROM store WHERE one = 1").get() as {
      held: number;
      repairs: number;
    };
    const sum = db.prepare(`SELECT total(bytes) AS bytes, max(secret) AS last, count(*) AS n
      FROM (SELECT secret, bytes FROM secrets WHERE secret > ? ORDER BY secret LIMIT ?)`);
    let bytes = 0;
    let last = 0;
    for (;;) {
      if (options.signal?.aborted) throw new StoreUnavailable("aborted");
      const found = sum.get(last, options.batch) as { bytes: number; last: number | null; n: number };
      bytes += found.bytes;
      if (found.n < options.batch) break;
      last = found.last ?? last;
      await nextTurn();
    }
    difference = bytes - counter.held;
    repairs = counter.repairs;
  } finally {
    db.close();
  }
  if (difference === 0) return;
  await commits.run((turn) => {
    if (turn.sql.repairHeld.run(repairs).changes !== 1) return;
    turn.held = Math.max(0, turn.held + difference);
    turn.changed = true;
  });
}
