import type { Log } from "@mayfly/config";
import type { Secrets } from "@mayfly/store";
import type { Guard, HaltReason } from "./guard.ts";

const LOOK_EVERY_MS = 500;
const DUE_BATCH = 200;

/**
 * Looks at the heartbeat twice a second, ends what is due in the store between the sweeps, and says in the log when the
 * service halts or opens, and when it is halted for another reason. A look that hangs does not stop the clocks: the guard itself goes stale without looks.
 */
export function watchHeartbeat(
  guard: Guard,
  store: Pick<Secrets, "endDue">,
  log: Log,
): { readonly first: Promise<void>; stop(): void } {
  /** What the log said last; undefined: nothing yet. */
  let said: HaltReason | null | undefined;
  const look = oneAtATime(async () => {
    await guard.look();
    const { halted } = guard.state();
    if (said === halted) return;
    // A service starts so: its first clean-up is still to come.
    const isExpected = said === undefined && (halted === "missing" || halted === "stale");
    said = halted;
    if (halted === null) log.info("accepting");
    else log[isExpected ? "warn" : "error"]("halted", { code: halted });
  });
  // By itself: however long it takes to destroy much at once, the looks go on. Never while halted: the sweep that ends the halt gives
  // the leases that were cut off their time anew.
  const endDue = oneAtATime(async () => {
    if (guard.halted !== null) return;
    await store.endDue(DUE_BATCH).catch(() => log.warn("end_due_failed"));
  });

  const first = look();
  const timer = setInterval(() => {
    void look();
    void endDue();
  }, LOOK_EVERY_MS);
  return { first, stop: () => clearInterval(timer) };
}

/** Skips a call while the last one is still under way. */
function oneAtATime(work: () => Promise<void>): () => Promise<void> {
  let busy = false;
  return async () => {
    if (busy) return;
    busy = true;
    try {
      await work();
    } finally {
      busy = false;
    }
  };
}
