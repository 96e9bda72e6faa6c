/**
 * The API as `apps/api` composes it, started with the run's clock and, where it is told so, over a wrong store. Kept apart from the
 * real starter, so that no variable of the product can weaken a limit or move a clock.
 */
import { buildApp } from "@mayfly/api";
import { createLog, readConfig } from "@mayfly/config";
import { steppedClock } from "../lab/stepped-clock.ts";
import { openedStore } from "./opened-store.ts";
import { stopWhenTold, told } from "./told.ts";

const LOOK_EVERY_MS = 500;
const DUE_BATCH = 200;

const order = told();
const config = readConfig(process.env);
const log = createLog("api", config.logLevel);
const store = await openedStore(config, order);
const { app, guard } = await buildApp({
  config,
  store,
  clock: { monotonic: () => performance.now(), wall: steppedClock(order.clockFile) },
  log,
  pageDirectory: null,
  version: "chaos",
});
await guard.look();
setInterval(() => {
  void guard.look();
  if (guard.halted === null) store.endDue(DUE_BATCH).catch(() => undefined);
}, LOOK_EVERY_MS);
stopWhenTold(async () => {
  await app.close();
  await store.close();
});
await app.listen({ port: config.port, host: config.host });
process.send?.({ type: "listening", port: config.port });
