import { freePort } from "@mayfly/lab/ports";
import { Running } from "@mayfly/lab/running";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { Redis } from "ioredis";
import { vi } from "vitest";

/** A redis-server of a test's own, on a free port of the loopback, with its files in a folder of its own. */
export interface TestServer {
  readonly port: number;
  /** Where it keeps its files. */
  readonly folder: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** For a store: `db` picks one of 16 databases, `user` is `name:password`. */
  url(db?: number, user?: string): string;
  /** A plain client, to look past the store's own logic. Quit when the server stops. */
  client(db?: number): Redis;
  /** Kills the process as a power cut would. `start` brings it back on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Resolves when the process has ended, whatever ended it. */
  ended(): Promise<void>;
  /** Ends the process and removes its folder. */
  stop(): Promise<void>;
}

/**
 * Starts a server that keeps nothing on disk unless `settings` say so (`["appendonly", "yes", "maxmemory", "20mb"]`).
 * Throws when there is no redis-server on the path: its tests fail, they are not skipped.
 */
export async function startRedis(settings: readonly string[] = []): Promise<TestServer> {
  const folder = temporaryFolder("redis");
  const port = await freePort();
  const clients: Redis[] = [];
  let running: Running;

  const start = async () => {
    const options = ["maxmemory-policy", "noeviction", "save", "", "appendonly", "no", ...settings];
    const words = options.map((word, i) => (i % 2 === 0 ? `--${word}` : word));
    const place = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder.path];
    running = new Running("redis-server", [...place, "--loglevel", "warning", ...words]);
    const failed = running.ended.then(() => Promise.reject(new Error(running.output)));
    await Promise.race([answers(port), failed]);
  };
  const kill = async () => {
    running.kill("SIGKILL");
    await running.ended;
  };
  await start();

  return {
    port,
    folder: folder.path,
    get pid() {
      return running.pid;
    },
    url: (db = 0, user) => `redis://${user === undefined ? "" : `${user}@`}127.0.0.1:${port}/${db}`,
    client: (db = 0) => {
      const client = new Redis({ host: "127.0.0.1", port, db, retryStrategy: () => 50 });
      client.on("error", () => undefined);
      clients.push(client);
      return client;
    },
    kill,
    start,
    signal: (signal) => running.kill(signal),
    ended: async () => void (await running.ended),
    stop: async () => {
      for (const client of clients) client.disconnect();
      await kill();
      folder.remove();
    },
  };
}

/** Resolves when `condition` holds. Throws what it throws, and after `withinMs`. */
export async function eventually(condition: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  await vi.waitUntil(condition, { timeout: withinMs, interval: 10 });
}

/**
 * Whether `work` has settled before a timer of so many milliseconds. Timers of one process fire in the order of their times,
 * however long it had to wait for a processor: a busy machine changes nothing.
 */
export async function settlesWithin(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const settled = work.then(
    () => true,
    () => true,
  );
  const timer = Promise.withResolvers<boolean>();
  const late = setTimeout(() => timer.resolve(false), milliseconds);
  return Promise.race([settled, timer.promise]).finally(() => clearTimeout(late));
}

async function answers(port: number): Promise<void> {
  const client = new Redis({ host: "127.0.0.1", port, retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on("error", () => undefined);
  try {
    await eventually(async () => (await client.ping()) === "PONG", 10_000);
  } finally {
    client.disconnect();
  }
}
