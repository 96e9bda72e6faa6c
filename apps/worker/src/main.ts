/**
 * The worker's process. Reads the environment, opens the store, sweeps until it is told to stop: by SIGTERM, by SIGINT,
 * or because the process that started it is gone.
 * Exit code 0: told to stop. 1: refused to start, or crashed; the reason is on standard error.
 */
import { hostname } from "node:os";
import { ConfigRefused, createLog, readConfig } from "@mayfly/config";
import { openStore, type StoreOptions, StoreRefused, StoreUnavailable } from "@mayfly/store";
import { createWorker } from "./worker.ts";

/**
 * How much longer than a request the worker waits for SQLite's lock. No request holds it for so long, so that no load of requests makes
 * a sweep fail.
 */
const LOCK_WAIT_MS = 10_000;

const { promise: toldToStop, resolve: tellToStop } = Promise.withResolvers<void>();
process.on("SIGTERM", tellToStop).on("SIGINT", tellToStop).on("disconnect", tellToStop);

/** Node's own words for an uncaught error hold its message and stack, and so perhaps values of the store. */
process.on("uncaughtException", (error) => {
  createLog("worker", "error").error("crashed", { code: error.constructor.name });
  process.exit(1);
});

try {
  await main();
} catch (error) {
  if (error instanceof ConfigRefused || error instanceof StoreRefused) {
    for (const fault of error.faults) process.stderr.write(`${fault}\n`);
  } else if (error instanceof StoreUnavailable) {
    process.stderr.write(`The worker cannot open the store: ${error.reason}.\n`);
  } else {
    throw error;
  }
  process.exit(1);
}

async function main(): Promise<void> {
  const config = readConfig(process.env, undefined, "worker");
  const log = createLog("worker", config.logLevel);
  const store = await openStore(patient(config.store));
  for (const note of store.warnings) log.warn("store", { note });
  const worker = createWorker({
    store,
    log,
    name: `${hostname()}/${process.pid}`,
    maxAgeMs: config.heartbeatMaxAgeMs,
  });
  worker.start();
  await toldToStop;
  await worker.stop();
  await store.close();
  log.info("stopped");
  process.exit(0);
}

function patient(options: StoreOptions): StoreOptions {
  if (options.kind !== "sqlite") return options;
  return { ...options, busyTimeoutMs: options.busyTimeoutMs + LOCK_WAIT_MS };
}
