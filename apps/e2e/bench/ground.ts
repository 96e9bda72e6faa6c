/** Stores and programs under measurement, each of its own, gone with this process at the latest. */
import { fileURLToPath } from "node:url";
import { freePort } from "@mayfly/lab/ports";
import { Running } from "@mayfly/lab/running";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { Hopeless, until } from "@mayfly/lab/until";
import { type RedisServer, startRedisServer } from "../src/redis-server.ts";
import { isReady } from "../src/service.ts";

export const storeKinds = ["sqlite", "redis"] as const;
export type StoreKind = (typeof storeKinds)[number];

/** An empty store. */
export interface BenchStore {
  readonly kind: StoreKind;
  /** Names it to the programs. */
  readonly env: Readonly<Record<string, string>>;
  /** SQLite's folder. */
  readonly folder: string;
  readonly redis: (RedisServer & { readonly pid: number }) | null;
  stop(): Promise<void>;
}

/** SQLite in the system's folder for temporary files; Redis without an append-only file, otherwise as it comes or as `settings` say. */
export async function startStore(
  kind: StoreKind,
  settings: Readonly<Record<string, string>> = {},
): Promise<BenchStore> {
  const folder = temporaryFolder(`bench-${kind}`);
  const redis = kind === "redis" ? await startRedis(settings) : null;
  return {
    kind,
    env: {
      DATA_DIR: folder.path,
      MAYFLY_MARK_DIR: `${folder.path}/mark`,
      ...(redis && { REDIS_URL: redis.url }),
    },
    folder: folder.path,
    redis,
    stop: async () => {
      await redis?.stop();
      folder.remove();
    },
  };
}

async function startRedis(
  settings: Readonly<Record<string, string>>,
): Promise<NonNullable<BenchStore["redis"]>> {
  const slowlog = { "slowlog-log-slower-than": "10000", "slowlog-max-len": "128" };
  const server = await startRedisServer({ appendonly: "no", ...slowlog, ...settings });
  const pid = Number(/process_id:(\d+)/.exec(await server.command("info", "server"))?.[1]);
  return { ...server, pid };
}

/** Bytes of a process after a full garbage collection. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

/** One HTTP server that is measured. */
export interface Server {
  readonly pid: number;
  readonly origin: string;
  memory(): Promise<Memory>;
  /** Lets another worker make a sweep of its own, now. The floor has none. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
}

export interface StartOptions {
  /** A folder for a CPU profile, written when the server stops; null for none. */
  readonly profile?: string | null;
}

export interface ServiceOptions extends StartOptions {
  /** "on" when left out. */
  readonly rateLimits?: "on" | "off";
}

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const API = file("../../api/src/main.ts");
const WORKER = file("../../worker/src/main.ts");
const FLOOR = file("floor.ts");
const OBSERVED = file("observed.ts");

/** The bare server of floor.ts. */
export async function startFloor(store: BenchStore, options: StartOptions = {}): Promise<Server> {
  return serverOf(await startProgram(FLOOR, store.env, options), null);
}

/** One API process and one worker; ready. As shipped, except that it believes the load's `X-Forwarded-For`. */
export async function startService(store: BenchStore, options: ServiceOptions = {}): Promise<Server> {
  const { rateLimits = "on" } = options;
  const env = { ...store.env, TRUSTED_PROXIES: "127.0.0.1", MAYFLY_RATE_LIMITS: rateLimits };
  const api = await startProgram(API, env, options);
  const startWorker = () => new Running(process.execPath, [WORKER], { env, channel: true });
  const server = serverOf(api, startWorker);
  await until(
    () => `the service to be ready: ${api.running.output}`,
    () => isReady(server.origin),
  );
  return server;
}

interface Program {
  readonly running: Running;
  readonly port: number;
}

/** Resolves when it listens. */
async function startProgram(
  path: string,
  env: Readonly<Record<string, string>>,
  { profile = null }: StartOptions,
): Promise<Program> {
  const port = await freePort();
  const profiling = profile === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`];
  const running = new Running(process.execPath, ["--expose-gc", ...profiling, "--import", OBSERVED, path], {
    env: { PORT: String(port), HOST: "127.0.0.1", ...env },
    channel: true,
  });
  await until(
    () => `${path} to listen: ${running.output}`,
    () => {
      if (running.over) throw new Hopeless(running.output);
      return running.messages.some((message) => (message as { type?: string }).type === "listening");
    },
  );
  return { running, port };
}

/** The program, and a worker beside it where there is one to start. */
function serverOf({ running, port }: Program, startWorker: (() => Running) | null): Server {
  const worker = startWorker?.();
  return {
    pid: running.pid,
    origin: `http://127.0.0.1:${port}`,
    memory: async () => {
      const told = () =>
        running.messages.filter((message) => (message as { rss?: number }).rss !== undefined);
      const before = told().length;
      running.kill("SIGUSR2");
      return until("the memory to be told", () => told()[before] as Memory | undefined);
    },
    sweep: async () => {
      const another = startWorker?.();
      if (another === undefined) return;
      await until(
        () => `a sweep: ${another.output}`,
        () => another.output.includes("sweep_complete"),
      );
      await another.stop();
    },
    stop: async () => {
      await Promise.all([running.stop(), worker?.stop()]);
    },
  };
}
