/** Mayfly's own programs, started as an operator starts them, on free ports. */
import { fileURLToPath } from "node:url";
import { Running } from "@mayfly/lab/running";
import { Hopeless, until } from "@mayfly/lab/until";
import type { Keeping } from "./keeping.ts";

const program = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const QUIET = "--disable-warning=ExperimentalWarning";

/** `pnpm start`: the supervisor of both programs. */
export const START = program("infra/src/start.ts");

export type Environment = Readonly<Record<string, string>>;

/** Unless a test says otherwise. On a busy machine a step of the store may take longer than the usual time limit. */
const USUAL: Environment = { MAYFLY_RATE_LIMITS: "off", MAYFLY_STORE_TIMEOUT_MS: "5000" };

export interface Api {
  readonly running: Running;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
}

/** One API process that listens; halted until a worker's first sweep. Rate limits are off unless `env` says otherwise. */
export async function startApi(keeping: Keeping, env: Environment = {}): Promise<Api> {
  const running = new Running(process.execPath, [QUIET, program("apps/api/src/main.ts")], {
    channel: true,
    env: { PORT: "0", ...USUAL, ...keeping.env, ...env },
  });
  const port = await until(
    () => `the API to listen: ${running.output}`,
    () => {
      if (running.over) throw new Hopeless(`the API has ended: ${running.output}`);
      return (running.messages as { port?: number }[]).find((message) => message.port !== undefined)?.port;
    },
    60_000,
  );
  return { running, origin: `http://127.0.0.1:${port}` };
}

export function startWorker(keeping: Keeping, env: Environment = {}): Running {
  return new Running(process.execPath, [QUIET, program("apps/worker/src/main.ts")], {
    channel: true,
    env: { ...USUAL, ...keeping.env, ...env },
  });
}

export async function isReady(origin: string): Promise<boolean> {
  const answer = await fetch(`${origin}/readyz`);
  await answer.body?.cancel();
  return answer.ok;
}

/** One worker and some API processes over one store. */
export interface Service {
  readonly keeping: Keeping;
  readonly env: Environment;
  readonly apis: readonly Api[];
  /** The first API's address. */
  readonly origin: string;
  /** The worker that runs now; may be replaced by a test. */
  worker: Running;
  /** Everything that any process said. */
  output(): string;
  /** Stops everything, the store included. */
  stop(): Promise<void>;
}

/** A service that is open: every API answers that it is ready. */
export async function startService(
  keeping: Keeping,
  { apis: count = 1, env = {} }: { readonly apis?: number; readonly env?: Environment } = {},
): Promise<Service> {
  const apis: Api[] = [];
  for (let started = 0; started < count; started++) apis.push(await startApi(keeping, env));
  const [first] = apis as [Api];
  const service: Service = {
    keeping,
    env,
    apis,
    origin: first.origin,
    worker: startWorker(keeping, env),
    output: () => [...apis.map(({ running }) => running), service.worker].map((each) => each.output).join(""),
    stop: async () => {
      await Promise.all([...apis.map(({ running }) => running.stop()), service.worker.stop()]);
      await keeping.stop();
    },
  };
  for (const { origin } of apis) {
    await until(
      () => `${origin} to be ready: ${service.output()}`,
      () => isReady(origin),
      60_000,
    );
  }
  return service;
}
