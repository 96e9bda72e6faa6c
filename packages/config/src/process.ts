/**
 * Runs one of the two programs as a process: reads the environment, starts, stops on a signal.
 * Exit codes: 0 told to stop; 1 refused to start, or did not stop in time; 70 crashed; 98 the port is taken.
 */
import { openStore, type Store, type StoreOptions, StoreRefused, StoreUnavailable } from "@mayfly/store";
import { type Config, readConfig } from "./config.ts";
import { createLog, type Log } from "./log.ts";
import { ConfigRefused } from "./parse.ts";

const CRASHED = 70;
const PORT_TAKEN = 98;
/** Longer than a worker waits for SQLite's lock, and than the API waits for its clients. */
const STOP_MS = 15_000;

export interface Parts {
  readonly config: Config;
  readonly log: Log;
  /** Opens the store, logs its warnings, and closes it last. */
  open(options?: StoreOptions): Promise<Store>;
  /** Called when the program is told to stop; the last one added is called first. */
  onStop(close: () => Promise<void> | void): void;
}

/**
 * Calls `start` with the configuration. The process then runs until SIGTERM, SIGINT, or the end of the process that started it.
 * A start that fails ends the process, with its reasons on standard error.
 */
export function runProcess(program: "api" | "worker", start: (parts: Parts) => Promise<void>): void {
  const closers: (() => Promise<void> | void)[] = [];
  let log = createLog(program, "error");
  let stopping = false;

  const stop = async () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_MS).unref();
    for (const close of closers.reverse()) await close();
    log.info("stopped");
    process.exit(0);
  };
  process.on("SIGTERM", stop).on("SIGINT", stop).on("disconnect", stop);
  // Node would print the message and the stack, which may hold what a caller sent or the store keeps.
  process.on("uncaughtException", (error) => {
    log.error("crashed", { code: codeOf(error) });
    process.exit(CRASHED);
  });

  const begin = async () => {
    const config = readConfig(process.env, undefined, program);
    log = createLog(program, config.logLevel);
    await start({
      config,
      log,
      onStop: (close) => void closers.push(close),
      open: async (options = config.store) => {
        const store = await openStore(options);
        closers.push(() => store.close());
        for (const note of store.warnings) log.warn("store", { note });
        return store;
      },
    });
  };
  begin().catch((error: unknown) => {
    // The parts that it still needed are closed by now.
    if (stopping) return;
    for (const reason of reasonsOf(error)) process.stderr.write(`mayfly ${program}: ${reason}\n`);
    process.exit(codeOf(error) === "EADDRINUSE" ? PORT_TAKEN : 1);
  });
}

function reasonsOf(error: unknown): readonly string[] {
  if (error instanceof ConfigRefused || error instanceof StoreRefused) return error.faults;
  if (error instanceof StoreUnavailable) return [`cannot open the store (${error.reason})`];
  return [`cannot start (${codeOf(error)})`];
}

/** The system's code or the class: neither can hold a value. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? code : error.constructor.name;
}
