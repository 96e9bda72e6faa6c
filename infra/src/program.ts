/** Supervises one of the two programs: restarts it until it is stopped. */
import { type ChildProcess, fork } from "node:child_process";
import { BackOff } from "./back-off.ts";

export interface ProgramOptions {
  /** The name that the operator reads: "API", "worker". */
  readonly name: string;
  readonly path: string;
  /** The consequence while the program is not running, as one sentence. */
  readonly meanwhile: string;
  /** One line for the operator. */
  readonly say: (line: string) => void;
  readonly onMessage?: (message: unknown) => void;
  /**
   * It ended with an exit code other than 0. True: the end is final, and nothing is started again. (A signal,
   * such as the kernel's out of memory, is nobody's refusal.)
   */
  readonly isFinal: (code: number) => boolean;
}

/** Time between SIGTERM and SIGKILL. */
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

  /** Starts the program, unless it runs or waits for a restart. */
  start(): void {
    if (this.#child !== null || this.#again !== null || this.#stopping) return;
    const { path, onMessage } = this.#options;
    const began = performance.now();
    const child = fork(path, [], {
      // An own process group: Ctrl-C reaches only this supervisor, which then stops both programs.
      detached: true,
      // Standard output carries only the address. The IPC channel tells the child when its parent is gone.
      stdio: ["ignore", process.stderr, process.stderr, "ipc"],
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#child = child;
    if (onMessage !== undefined) child.on("message", onMessage);
    child.on("error", () => {
      // An error of a running child is a failed message or signal. The child's end comes as `exit`.
      if (child.pid === undefined) this.#ended(performance.now() - began, null, null);
    });
    child.once("exit", (code, signal) => this.#ended(performance.now() - began, code, signal));
  }

  /** Sends SIGTERM, and SIGKILL if the program does not stop. Resolves when the program is gone. */
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
