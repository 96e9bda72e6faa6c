/** Starts the API: reads the environment, opens the store, listens, watches the heartbeat, and closes on a signal. */
import { existsSync, readFileSync } from "node:fs";
import { ConfigRefused, createLog, readConfig, systemClock } from "@mayfly/config";
import { openStore, StoreRefused } from "@mayfly/store";
import { buildApp } from "./app.ts";
import { watchHeartbeat } from "./maintenance/watch.ts";

const SHUTDOWN_MS = 10_000;
/** Clients that are not done by then are cut off, so that the store is still closed in good order. */
const DRAIN_MS = 8_000;
const PAGE = new URL("../../web/dist/", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

async function main(): Promise<void> {
  const config = readConfig(process.env, undefined, "api");
  const log = createLog("api", config.logLevel);
  // Node's own report of an error would hold its message and properties, and with them what a caller sent.
  process.on("uncaughtException", (error: NodeJS.ErrnoException) => {
    log.error("crashed", { code: error.code ?? error.name });
    process.exit(70);
  });
  for (const note of config.warnings) log.warn("configuration", { note });

  const closers: (() => Promise<void> | void)[] = [];
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), SHUTDOWN_MS).unref();
    for (const close of closers.reverse()) await close();
    process.exit(0);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // The parent is gone: nobody is left to stop us later.
  if (process.send) process.on("disconnect", stop);

  const store = await openStore(config.store);
  closers.push(() => store.close());
  for (const note of store.warnings) log.warn("store", { note });
  for (const note of store.facts) log.info("store", { note });
  if (config.rateLimits && config.limiterKey === null)
    log.info("limits", {
      note: "MAYFLY_LIMITER_KEY is not set: each API process counts its clients by itself.",
    });
  if (!existsSync(PAGE))
    log.warn("page_missing", {
      note: "The page is not built: only the API is served. Run pnpm build, then start again.",
    });

  const { app, guard } = await buildApp({
    config,
    store,
    clock: systemClock,
    log,
    pageDirectory: existsSync(PAGE) ? PAGE.pathname : null,
    version,
  });
  const watch = watchHeartbeat(guard, store, log);
  closers.push(
    () => watch.stop(),
    async () => {
      const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
      await app.close();
      clearTimeout(cut);
    },
  );
  await watch.first;
  await app.listen({ port: config.port, host: config.host });
  const { port } = app.server.address() as { port: number };
  log.info("listening");
  process.send?.({ type: "listening", port });
}

main().catch((error: unknown) => {
  const expected = error instanceof ConfigRefused || error instanceof StoreRefused;
  const code = (error as NodeJS.ErrnoException).code;
  const reasons = expected ? error.faults : [`could not start (${code ?? (error as Error).name})`];
  for (const reason of reasons) process.stderr.write(`mayfly api: ${reason}\n`);
  process.exit(code === "EADDRINUSE" ? 98 : 1);
});
