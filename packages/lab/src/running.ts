import { type ChildProcess, spawn } from "node:child_process";
import { atExit } from "./at-exit.ts";

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Default: "ignore". The program then reads an end of file at once. */
  readonly stdin?: "ignore" | "pipe";
  /** Opens an IPC channel to this process. Mayfly's programs stop when it closes. */
  readonly channel?: boolean;
  /** Starts a process group, as a shell does for a job. */
  readonly group?: boolean;
}

/** A program that was started as a child process, and its output. */
export class Running {
  /** Standard output and standard error, as they came. */
  stdout = "";
  stderr = "";
  /** Messages over the channel, in order. */
  readonly messages: unknown[] = [];
  /** Its exit code, or the signal that ended it. Resolves when its output has ended too. */
  readonly ended: Promise<number | NodeJS.Signals>;
  readonly #child: ChildProcess;
  readonly #group: boolean;
  #over = false;

  /** The environment is `PATH`, `HOME` and `env`: no other variable of this process configures the program. */
  constructor(program: string, args: readonly string[], options: RunOptions = {}) {
    const { env = {}, cwd, channel = false, stdin = "ignore", group = false } = options;
    this.#group = group;
    this.#child = spawn(program, args, {
      ...(cwd !== undefined && { cwd }),
      detached: group,
      env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "/", ...env },
      stdio: [stdin, "pipe", "pipe", ...(channel ? (["ipc"] as const) : [])],
    });
    this.#child.stdout?.on("data", (bytes) => {
      this.stdout += bytes;
    });
    this.#child.stderr?.on("data", (bytes) => {
      this.stderr += bytes;
    });
    this.#child.on("message", (message) => this.messages.push(message));
    const forget = atExit(() => this.kill("SIGKILL"));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => {
        this.#over = true;
        forget();
        resolve(signal ?? (code as number));
      });
    });
    this.ended.catch(() => undefined);
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error("the program could not be started");
    return this.#child.pid;
  }

  get over(): boolean {
    return this.#over;
  }

  get output(): string {
    return this.stdout + this.stderr;
  }

  /** Sends a signal, to the whole process group if `group` is set, as a terminal does. */
  kill(signal: NodeJS.Signals): void {
    if (this.#over || this.#child.pid === undefined) return;
    try {
      process.kill(this.#group ? -this.#child.pid : this.#child.pid, signal);
    } catch {
      // Gone already.
    }
  }

  /** Sends SIGTERM, and SIGKILL after ten seconds. Resolves when the process has ended. */
  async stop(): Promise<void> {
    if (this.#over) return;
    this.kill("SIGTERM");
    const force = setTimeout(() => this.kill("SIGKILL"), 10_000);
    await this.ended.catch(() => undefined);
    clearTimeout(force);
  }
}
