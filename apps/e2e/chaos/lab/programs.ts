/** The programs of a run: two API processes behind a proxy each, and a worker. */
import { fileURLToPath } from "node:url";
import { freePort } from "@mayfly/lab/ports";
import { Running } from "@mayfly/lab/running";
import { TcpProxy } from "@mayfly/lab/tcp-proxy";
import { type Folder, temporaryFolder } from "@mayfly/lab/temporary-folder";
import { until } from "@mayfly/lab/until";
import { type Environment, isReady } from "../../src/service.ts";
import type { FaultMaker } from "./fault.ts";
import { KeptProcess, START_MS } from "./kept-process.ts";

const QUIET = "--disable-warning=ExperimentalWarning";
const program = (name: "api" | "worker") => fileURLToPath(new URL(`../programs/${name}.ts`, import.meta.url));

export interface ProgramOptions {
  readonly environment: (name: string) => Environment;
  /** What the programs of this folder are told besides the environment. */
  readonly told: { readonly clockFile: string | null; readonly wrong: string | null };
}

interface Api {
  readonly process: KeptProcess;
  readonly proxy: TcpProxy;
  /** Past the proxy. */
  readonly port: number;
}

const APIS = 2;

export class Programs {
  readonly worker: KeptProcess;
  readonly #apis: readonly Api[];
  readonly #marks: Folder;

  private constructor(apis: readonly Api[], worker: KeptProcess, marks: Folder) {
    this.#apis = apis;
    this.worker = worker;
    this.#marks = marks;
  }

  static async start({ environment, told }: ProgramOptions): Promise<Programs> {
    const marks = temporaryFolder("marks");
    const run = (name: "api" | "worker", env: Environment) =>
      new Running(process.execPath, [QUIET, program(name), JSON.stringify(told)], {
        channel: true,
        env: { MAYFLY_RATE_LIMITS: "off", LOG_LEVEL: "warn", MAYFLY_MARK_DIR: marks.path, ...env },
      });
    const apis: Api[] = [];
    for (let number = 0; number < APIS; number++) {
      const port = await freePort();
      const name = `api-${number}`;
      const kept = new KeptProcess(name, () => run("api", { ...environment(name), PORT: String(port) }));
      apis.push({ process: kept, proxy: await TcpProxy.start(port), port });
      // One after another: the first one makes the store.
      await until(
        () => `${name} to listen: ${kept.output}`,
        () => kept.spoke,
        START_MS,
      );
    }
    const worker = new KeptProcess("worker", () => run("worker", environment("worker")));
    return new Programs(apis, worker, marks);
  }

  /** What clients call: `http://127.0.0.1:PORT` of each proxy. */
  get origins(): readonly string[] {
    return this.#apis.map(({ proxy }) => `http://127.0.0.1:${proxy.port}`);
  }

  /** Past the proxies. */
  get directOrigins(): readonly string[] {
    return this.#apis.map(({ port }) => `http://127.0.0.1:${port}`);
  }

  get output(): string {
    return [...this.#apis.map(({ process: api }) => api), this.worker].map((each) => each.output).join("");
  }

  /**
   * Resolves when every API is ready. A worker that is started anew sweeps at once, which opens a service that is halted; each has twice
   * the time of the one before it, for a busy machine takes long to start one.
   */
  async ready(withinMs = START_MS): Promise<void> {
    let asked = performance.now();
    let patienceMs = 10_000;
    for (const origin of this.directOrigins) {
      await until(
        () => `${origin} to be ready: ${this.output}`,
        async () => {
          if (await isReady(origin).catch(() => false)) return true;
          if (performance.now() - asked > patienceMs) {
            patienceMs *= 2;
            asked = performance.now();
            await this.worker.kill();
          }
          return false;
        },
        withinMs,
      );
    }
  }

  /** Ends every process without warning; they come again by themselves. */
  async killAll(): Promise<void> {
    await Promise.all([...this.#apis.map(({ process: api }) => api.kill()), this.worker.kill()]);
  }

  mend(): void {
    for (const { proxy, process: api } of this.#apis) {
      proxy.mend();
      api.signal("SIGCONT");
    }
    this.worker.signal("SIGCONT");
  }

  /** Between clients and API. */
  networkFaults(): FaultMaker[] {
    return this.#apis.flatMap(({ proxy }) => proxyFaults("http", () => proxy, 0.4));
  }

  /** Of the processes. */
  processFaults(): FaultMaker[] {
    const kill = (kind: string, process: KeptProcess, weight: number): FaultMaker => ({
      kind,
      weight,
      mostMs: 1,
      restMs: 2_500,
      begin: async () => {
        await process.kill();
        return () => undefined;
      },
    });
    const pause = (kind: string, process: KeptProcess, weight: number): FaultMaker => ({
      kind,
      weight,
      mostMs: 2_500,
      begin: async () => {
        process.signal("SIGSTOP");
        return () => process.signal("SIGCONT");
      },
    });
    return [
      ...this.#apis.flatMap(({ process: api }) => [kill("api-kill", api, 3), pause("api-stop", api, 2)]),
      kill("worker-kill", this.worker, 2),
      pause("worker-stop", this.worker, 1),
    ];
  }

  async stop(): Promise<void> {
    await Promise.all([
      ...this.#apis.map(({ process: api }) => api.stop()),
      this.worker.stop(),
      ...this.#apis.map(({ proxy }) => proxy.close()),
    ]);
    this.#marks.remove();
  }
}

/**
 * What a proxy can do, as faults of the kinds `PREFIX-cut`, `-hold`, `-delay`, `-drop`, `-halve`, `-half-open`. `find` says which proxy
 * when one begins.
 */
export function proxyFaults(
  prefix: string,
  find: () => TcpProxy | Promise<TcpProxy>,
  loss: number,
): FaultMaker[] {
  const fault = (
    kind: string,
    weight: number,
    mostMs: number,
    begin: (proxy: TcpProxy) => void,
  ): FaultMaker => ({
    kind: `${prefix}-${kind}`,
    weight,
    mostMs,
    begin: async () => {
      const proxy = await find();
      begin(proxy);
      return () => proxy.mend();
    },
  });
  return [
    fault("cut", 2, 800, (proxy) => proxy.cut()),
    fault("hold", 2, 1_500, (proxy) => proxy.hold()),
    fault("delay", 1, 1_500, (proxy) => proxy.delay(120)),
    fault("drop", 4, 2_500, (proxy) => proxy.dropAnswers(loss)),
    fault("halve", 2, 2_000, (proxy) => proxy.halveAnswers(loss)),
    fault("half-open", 1, 800, (proxy) => proxy.halfOpen()),
  ];
}
