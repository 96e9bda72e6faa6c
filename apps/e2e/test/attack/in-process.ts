/** The composed API in this process, over a real store: what is measured is neither a network nor another process's turn. */
import { randomBytes } from "node:crypto";
import { buildApp } from "@mayfly/api";
import { createLog, readConfig } from "@mayfly/config";
import { openStore, type Store } from "@mayfly/store";
import type { FastifyInstance } from "fastify";
import type { Keeping } from "../../src/keeping.ts";

export interface InProcess {
  readonly app: FastifyInstance;
  stop(): Promise<void>;
}

interface Options {
  /** Puts something between the app and the store. */
  readonly wrap?: (store: Store) => Store;
  /** The app's own when left out. */
  readonly notFoundAfterMs?: number;
}

/** Open, after a first sweep. */
export async function startInProcess(
  keeping: Keeping,
  { wrap, notFoundAfterMs }: Options = {},
): Promise<InProcess> {
  const config = readConfig({ ...keeping.env, MAYFLY_RATE_LIMITS: "off" });
  const store = await openStore(config.store);
  const startedAt = await store.now();
  const removed = await store.sweep({ batch: 100 });
  const found = await store.overdue(startedAt, { batch: 100 });
  if (found.outcome === "overdue") throw new Error(`${found.count} overdue in a new store`);
  const { verification } = found;
  await store.recordSweep({ verification, removed, worker: "test", run: randomBytes(8).toString("hex") });
  const { app, guard } = await buildApp({
    config,
    store: wrap?.(store) ?? store,
    clock: { monotonic: () => performance.now(), wall: () => Date.now() },
    log: createLog("api", "error", () => undefined),
    pageDirectory: null,
    version: "0.0.0-test",
    ...(notFoundAfterMs !== undefined && { notFoundAfterMs }),
  });
  await app.ready();
  await guard.look();
  const looking = setInterval(() => void guard.look(), 500);
  return {
    app,
    stop: async () => {
      clearInterval(looking);
      await app.close();
      await store.close();
      await keeping.stop();
    },
  };
}
