/** Starts the worker: opens the store, and sweeps until it is told to stop. */
import { hostname } from "node:os";
import { runProcess } from "@mayfly/config/process";
import type { StoreOptions } from "@mayfly/store";
import { createWorker } from "./worker.ts";

/**
 * How much longer than a request the worker waits for SQLite's lock. No request holds the lock for so long, so no load of
 * requests makes a sweep fail.
 */
const LOCK_WAIT_MS = 10_000;

runProcess("worker", async ({ config, log, open, onStop }) => {
  const store = await open(withLockWait(config.store));
  const worker = createWorker({
    store,
    log,
    name: `${hostname()}/${process.pid}`,
    maxAgeMs: config.heartbeatMaxAgeMs,
  });
  onStop(() => worker.stop());
  worker.start();
});

function withLockWait(options: StoreOptions): StoreOptions {
  if (options.kind !== "sqlite") return options;
  return { ...options, busyTimeoutMs: options.busyTimeoutMs + LOCK_WAIT_MS };
}
