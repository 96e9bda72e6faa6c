/** One of the two programs, kept running until it is stopped. */
import { type ChildProcess, fork } from "node:child_process";
import { BackOff } from "./back-off.ts";

export interface ProgramOptions {
  /** As the operator reads it: "API", "worker". */
  readonly name: string;
  readonly path: string;
  /** What it means that it is not running, as one sentence. */
  readonly meanwhile: string;
  /** One line for the operator. */
  readonly say: (line: string) => void;
  readonly onMessage?: (message: unknown) => void;
  /**
   * It ended with an exit code other than 0. True: the end is final, and nothing is started again. (A signal, such as the
   * kernel's out of memory, is nobody's refusal.)
   */
  readonly isFinal: (code: number) => boolean;
}

/** A program that is told to stop has this long before it is killed. */
const STOP_MS = 9_000;

export class Program {
  readonly #options: ProgramOptions;
  readonly #backOff = new BackOff();
  #child: ChildProcess | null = null;
  #again: NodeJS.Timeout | null = null;
  #stopping = false;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  /** Starts it, unless it runs or is about to be started again. */
  start(): void {
    if (this.#child !== null || this.#again !== null || this.#stopping) return;
    const { path, onMessage } = this.#options;
    const began = performance.now();
    const child = fork(path, [], {
      // Its own process group: Ctrl-C reaches this supervisor alone, which then stops both in order.
      detached: true,
      // Standard output belongs to the one line with the address. The channel tells the child when its parent is gone.
      stdio: ["ignore", process.stderr, process.stderr, "ipc"],
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#child = child;
    if (onMessage !== undefined) child.on("message", onMessage);
    child.on("error", () => {
      // Of a child that runs, an error is a failed message or signal; its end comes as an exit.
      if (child.pid === undefined) this.#ended(performance.now() - began, null, null);
    });
    child.once("exit", (code, signal) => this.#ended(performance.now() - began, code, signal));
  }

  /** Tells it to stop, and kills it when it does not. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#again !== null) clearTimeout(this.#again);
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(force);
  }

  #ended(livedMs: number, code: number | null, signal: NodeJS.Signals | null): void {
    if (this.#child === null) return;
    this.#child = null;
    if (this.#stopping) return;
    const { name, say, meanwhile, isFinal } = this.#options;
    if (code !== null && code !== 0 && isFinal(code)) return;
    const delay = this.#backOff.after(livedMs);
    const why =
      signal !== null ? `killed by ${signal}` : code === null ? "not startable" : `exit code ${code}`;
    say(`The ${name} ended (${why}) and starts again in ${delay / 1000} s. ${meanwhile}`);
    this.#again = setTimeout(() => {
      this.#again = null;
      this.start();
    }, delay);
  }
}
