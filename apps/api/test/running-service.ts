/** A real service for the tests: the composed app on a free loopback port, over a real SQLite store in a folder of its own. */
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { Clock } from "@mayfly/config";
import { createLog, readConfig } from "@mayfly/config";
import { type Maintenance, openStore, type Removed, type Store } from "@mayfly/store";
import type { FastifyInstance } from "fastify";
import { buildApp } from "../src/app.ts";
import type { Timeouts } from "../src/http/timeouts.ts";
import type { BackpressureLimits } from "../src/limits/backpressure.ts";
import type { Guard } from "../src/maintenance/guard.ts";

export interface RunningService {
  readonly url: string;
  readonly port: number;
  /** Resolves when the next connection has been closed by the service. */
  nextClosed(): Promise<void>;
  readonly store: Store;
  readonly guard: Guard;
  /**
   * Stands still until a test moves it, so that a slow machine halts and expires nothing.
   * `sleep`: the machine sleeps, and only the wall clock goes on.
   */
  readonly clock: { now(): number; advance(ms: number): void; sleep(ms: number): void };
  /** All that the service has logged. */
  readonly logged: string[];
  /** A complete sweep, seen by the guard. */
  sweep(): Promise<void>;
  close(): Promise<void>;
  /** Closes as the program does: waits for responses that are under way. */
  closeGracefully(): Promise<void>;
}

/** A header line of every response, in the text of a connection. */
export const OUR_POLICY = /^content-security-policy: default-src 'none'/im;

export const PAGE_HTML = "<!doctype html><title>Mayfly</title>";

interface Options {
  readonly environment?: Record<string, string>;
  /** Lets a test put a fault between the app and the real store. */
  readonly wrapStore?: (store: Store) => Store;
  /** false: as at a cold start, without any sweep. */
  readonly swept?: boolean;
  readonly timeouts?: Timeouts;
  readonly bytes?: BackpressureLimits;
  /** How late the event loop may run; without it nothing is refused for that. */
  readonly lateMs?: number;
  /** After how many milliseconds it is answered that there is nothing. */
  readonly notFoundAfterMs?: number;
  /** Lets a test add to the app before it listens. */
  readonly prepare?: (app: FastifyInstance) => void;
}

export async function runService({
  environment = {},
  wrapStore,
  swept = true,
  timeouts,
  bytes,
  lateMs = 0,
  notFoundAfterMs,
  prepare,
}: Options = {}): Promise<RunningService> {
  const folder = mkdtempSync(join(tmpdir(), "mayfly-api-"));
  mkdirSync(join(folder, "page/assets"), { recursive: true });
  writeFileSync(join(folder, "page/index.html"), PAGE_HTML);
  writeFileSync(join(folder, "page/index.html.br"), brotliCompressSync(PAGE_HTML));
  writeFileSync(join(folder, "page/index.html.gz"), gzipSync(PAGE_HTML));
  writeFileSync(join(folder, "page/assets/page-0a1b2c3d.js"), "export {};");

  let [passed, slept] = [0, 0];
  const began = Date.now();
  const clock: Clock = { monotonic: () => passed, wall: () => began + passed + slept };
  const config = readConfig({
    DATA_DIR: join(folder, "data"),
    MAYFLY_RATE_LIMITS: "off",
    MAYFLY_PART_BYTES: "65536",
    ...environment,
  });
  if (config.store.kind !== "sqlite") throw new Error("these tests run on SQLite");
  const store = await openStore({ ...config.store, clock: clock.wall });
  const logged: string[] = [];
  const { app, guard } = await buildApp({
    config,
    store: wrapStore?.(store) ?? store,
    clock,
    log: createLog("api", "info", (line) => logged.push(line)),
    pageDirectory: join(folder, "page"),
    version: "0.0.0-test",
    ...(timeouts && { timeouts }),
    ...(bytes && { bytes }),
    lateMs,
    ...(notFoundAfterMs !== undefined && { notFoundAfterMs }),
  });
  const sweep = async () => {
    const startedAt = await store.now();
    const removed = await store.sweep({ batch: 100 });
    await recordSweep(store, { startedAt, removed });
    await guard.look();
  };
  if (swept) await sweep();
  prepare?.(app);
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as { port: number };
  const closeGracefully = async () => {
    await app.close();
    await store.close();
    rmSync(folder, { recursive: true });
  };
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    nextClosed: () =>
      new Promise((resolve) => app.server.once("connection", (socket) => socket.once("close", resolve))),
    store,
    guard,
    clock: { now: clock.wall, advance: (ms) => (passed += ms), sleep: (ms) => (slept += ms) },
    logged,
    sweep,
    close: () => {
      const closed = closeGracefully();
      // A response that a test did not read would hold the close for a minute.
      app.server.closeAllConnections();
      return closed;
    },
    closeGracefully,
  };
}

/** The real store, with some of its verbs replaced. */
export function overriding(store: Store, verbs: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const value = Reflect.get(verbs, name) ?? Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Verifies and records a sweep that began at `startedAt`, as the worker does. */
export async function recordSweep(
  store: Maintenance,
  {
    startedAt,
    ...sweep
  }: { readonly startedAt: number; readonly removed: Removed; readonly maxAgeMs?: number },
): Promise<void> {
  const found = await store.overdue(startedAt, { batch: 100 });
  if (found.outcome === "overdue") throw new Error(`${found.count} overdue`);
  const run = randomBytes(8).toString("hex");
  await store.recordSweep({ ...sweep, verification: found.verification, worker: "test", run });
}
