import { join } from "node:path";
import { descendantsOf, isRunning, kill } from "@mayfly/lab/processes";
import { Running } from "@mayfly/lab/running";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { until } from "@mayfly/lab/until";
import { onTestFinished } from "vitest";
import { REPOSITORY } from "../src/workspace.ts";

export const START = join(REPOSITORY, "infra/src/start.ts");

/** A real `start` with its own folder and port, killed with all its children when the test is over. */
export class RunningMayfly extends Running {
  readonly folder: string;
  readonly #seen = new Set<number>();

  constructor(
    environment: Readonly<Record<string, string>>,
    program = process.execPath,
    args: readonly string[] = [START],
    stdin: "ignore" | "pipe" = "ignore",
  ) {
    const folder = temporaryFolder("start");
    const env = { PORT: "0", LOG_LEVEL: "warn", ...environment };
    super(program, args, { cwd: folder.path, env, stdin });
    this.folder = folder.path;
    onTestFinished(() => {
      const left = descendantsOf(this.pid).map(({ pid }) => pid);
      for (const pid of [this.pid, ...this.#seen, ...left]) kill(pid, "SIGKILL");
      folder.remove();
    });
  }

  /** The address it prints, once it is open. */
  ready(): Promise<string> {
    return until(
      () => this.output,
      () => /^Mayfly is ready: (http\S+)\n$/.exec(this.stdout)?.[1],
      // It builds the page first where none is built.
      60_000,
    );
  }

  /** The process that runs `apps/NAME`, other than `not`. */
  async running(name: "api" | "worker", not = 0): Promise<number> {
    const isIt = ({ pid, command }: { pid: number; command: string }) =>
      pid !== not && command.includes(`apps/${name}/src/main.ts`);
    const { pid } = await until(
      () => `${name}: ${this.stderr}`,
      () => descendantsOf(this.pid).find(isIt),
    );
    this.#seen.add(pid);
    return pid;
  }

  /** A line of standard error with these words. */
  said(words: string): Promise<true> {
    return until(
      () => `${words} in ${this.stderr}`,
      () => this.stderr.includes(words),
    );
  }
}

/** Resolves when no such process is left. */
export function gone(...pids: number[]): Promise<true> {
  return until(`${pids} to end`, () => !pids.some(isRunning));
}
