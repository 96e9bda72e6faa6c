/** The worker as `apps/worker` composes it, started with the run's clock. */
import { createLog, readConfig } from "@mayfly/config";
import { createWorker } from "@mayfly/worker";
import { steppedClock } from "../lab/stepped-clock.ts";
import { openedStore } from "./opened-store.ts";
import { stopWhenTold, told } from "./told.ts";

const order = told();
const config = readConfig(process.env);
const store = await openedStore(config, { ...order, wrong: null });
const worker = createWorker({
  store,
  log: createLog("worker", config.logLevel),
  name: `chaos/${process.pid}`,
  maxAgeMs: config.heartbeatMaxAgeMs,
  clock: { monotonic: () => performance.now(), wall: steppedClock(order.clockFile) },
});
stopWhenTold(async () => {
  await worker.stop();
  await store.close();
});
worker.start();
