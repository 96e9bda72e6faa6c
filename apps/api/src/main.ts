/** Starts the API: opens the store, watches the heartbeat, listens. */
import { existsSync, readFileSync } from "node:fs";
import { systemClock } from "@mayfly/config";
import { runProcess } from "@mayfly/config/process";
import { buildApp } from "./app.ts";
import { watchHeartbeat } from "./maintenance/watch.ts";

/** Connections that are still open by then are cut off. */
const DRAIN_MS = 8_000;
const PAGE = new URL("../../web/dist/", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};

runProcess("api", async ({ config, log, open, onStop }) => {
  for (const note of config.warnings) log.warn("configuration", { note });
  const store = await open();
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
  onStop(() => watch.stop());
  onStop(async () => {
    const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
    await app.close();
    clearTimeout(cut);
  });
  await watch.first;
  await app.listen({ port: config.port, host: config.host });
  const { port } = app.server.address() as { port: number };
  log.info("listening");
  process.send?.({ type: "listening", port });
});
