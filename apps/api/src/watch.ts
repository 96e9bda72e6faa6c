import type { Log } from "@mayfly/config";
import type { Store } from "@mayfly/store";
import type { Guard } from "./guard.ts";

const LOOK_EVERY_MS = 500;
const DUE_BATCH = 200;

/**
 * Looks at the heartbeat twice a second, ends what is due in the store between the sweeps, and says in the log when the
 * service halts or opens. A look that hangs does not stop the clocks: the guard itself goes stale without looks.
 */
export function watchHeartbeat(
  guard: Guard,
  store: Pick<Store, "endDue">,
  log: Log,
): { readonly first: Promise<void>; stop(): void } {
  let accepting: boolean | null = null;
  let busy = false;

  const look = async () => {
    if (busy) return;
    busy = true;
    await guard.look();
    await store.endDue(DUE_BATCH).catch(() => log.warn("end_due_failed"));
    busy = false;
    const { halted } = guard.state();
    if (accepting === (halted === null)) return;
    accepting = halted === null;
    if (halted === null) log.info("accepting");
    else log.warn("halted", { code: halted });
  };
  const first = look();
  const timer = setInterval(look, LOOK_EVERY_MS);
  return { first, stop: () => clearInterval(timer) };
}
