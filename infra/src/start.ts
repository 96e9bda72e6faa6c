/**
 * `pnpm start`: runs the whole service on this machine as two processes, until Ctrl-C or SIGTERM. Exit code
 * 0: stopped by a signal. 1: could not start; standard error has the reason, and nothing is left running.
 * Standard output carries one line, the address to open, when the service is ready.
 */
import { join } from "node:path";
import { type Config, ConfigRefused, readConfig } from "@mayfly/config";
import { addressToAsk, addressToOpen } from "./address.ts";
import { watchLauncher } from "./launcher.ts";
import { buildPageWhenStale } from "./page.ts";
import { Program } from "./program.ts";
import { untilReady } from "./readiness.ts";
import { REPOSITORY } from "./workspace.ts";

/** The API's exit code when its port is taken. */
const PORT_TAKEN = 98;

const say = (line: string) => {
  process.stderr.write(`${line}\n`);
};

const config = configuration();
const abort = new AbortController();
let opened = false;

const api = new Program({
  name: "API",
  path: join(REPOSITORY, "apps/api/src/main.ts"),
  meanwhile: "Until then nobody can protect or open anything. Nothing is lost.",
  say,
  onMessage: listening,
  isFinal: (code) => refused(code === PORT_TAKEN ? portTaken(config) : "The API refused to start."),
});
const worker = new Program({
  name: "worker",
  path: join(REPOSITORY, "apps/worker/src/main.ts"),
  meanwhile: "The service halts if no sweep completes in time.",
  say,
  isFinal: () => refused("The worker refused to start."),
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0));
// An error means that nobody reads the output any more: the launcher is gone.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => void stop(0));
watchLauncher(() => void stop(0));

if (await buildPageWhenStale(say)) {
  if (!abort.signal.aborted) api.start();
} else {
  say("The page could not be built. The lines above say why.");
  process.exitCode = 1;
  await stop(1);
}

function configuration(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigRefused)) throw error;
    say("The configuration is wrong. Correct these variables, then start again:");
    for (const fault of error.faults) say(`  ${fault}`);
    return process.exit(1);
  }
}

/**
 * Starts the worker when the API first listens: the API is halted until the worker's first complete sweep.
 */
async function listening(message: unknown): Promise<void> {
  const port = portOf(message);
  if (port === null || opened || abort.signal.aborted) return;
  worker.start();
  const ready = await untilReady(addressToAsk(config, port), abort.signal, () =>
    say("Mayfly is still halted: no sweep has completed yet. See the worker's lines above for the reason."),
  );
  if (!ready || opened) return;
  opened = true;
  process.stdout.write(`Mayfly is ready: ${addressToOpen(config, port)}\n`);
}

/**
 * Stops everything if the service was never ready, because a restart would fail too. Returns false to
 * restart.
 */
function refused(words: string): boolean {
  if (opened || abort.signal.aborted) return false;
  say(words);
  void stop(1);
  return true;
}

async function stop(exitCode: number): Promise<void> {
  if (abort.signal.aborted) return;
  abort.abort();
  await Promise.all([api.stop(), worker.stop()]);
  process.exit(exitCode);
}

function portTaken({ host, port }: Config): string {
  return `Port ${port} on ${host} is taken by another program. Stop that program, or choose another port with PORT.`;
}

function portOf(message: unknown): number | null {
  const { type, port } = (message ?? {}) as { type?: unknown; port?: unknown };
  return type === "listening" && typeof port === "number" ? port : null;
}
