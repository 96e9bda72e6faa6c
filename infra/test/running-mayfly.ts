import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { REPOSITORY } from "../src/workspace.ts";

export const START = join(REPOSITORY, "infra/src/start.ts");
const DEADLINE_MS = 20_000;

/** Polls until `what` gives something other than null or false. Throws with `words` after the deadline. */
export async function until<T>(
  words: () => string,
  what: () => T | null | false | Promise<T | null | false>,
): Promise<T> {
  const end = performance.now() + DEADLINE_MS;
  while (performance.now() < end) {
    const value = await what();
    if (value !== null && value !== false) return value;
    await wait(25);
  }
  throw new Error(`waited in vain: ${words()}`);
}

/** A real `start` with its own folder and port, killed with all its children when the test is over. */
export class RunningMayfly {
  readonly folder = mkdtempSync(join(tmpdir(), "mayfly-start-"));
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  stdout = "";
  stderr = "";
  readonly #seen = new Set<number>();

  constructor(
    environment: Record<string, string>,
    program = process.execPath,
    args: readonly string[] = [START],
    stdin: "ignore" | "pipe" = "ignore",
  ) {
    this.child = spawn(program, args, {
      cwd: this.folder,
      env: { ...process.env, PORT: "0", LOG_LEVEL: "warn", ...environment },
      stdio: [stdin, "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (bytes) => {
      this.stdout += bytes;
    });
    this.child.stderr?.on("data", (bytes) => {
      this.stderr += bytes;
    });
    this.exit = new Promise((resolve) => this.child.once("close", resolve));
    onTestFinished(() => {
      for (const pid of [this.pid, ...this.#seen, ...descendants(this.pid)]) kill(pid, "SIGKILL");
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** The address it prints, once it is open. */
  ready(): Promise<string> {
    return until(
      () => `${this.stdout}${this.stderr}`,
      () => /^Mayfly is ready: (http\S+)\n$/.exec(this.stdout)?.[1] ?? null,
    );
  }

  /** The process that runs `apps/NAME`, other than `not`. */
  async running(name: "api" | "worker", not = 0): Promise<number> {
    const pid = await until(
      () => `${name}: ${this.stderr}`,
      () =>
        descendants(this.pid).find(
          (each) => each !== not && commandOf(each).includes(`apps/${name}/src/main.ts`),
        ) ?? null,
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

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}

/** Resolves when no such process is left; one that nobody has waited for yet counts as gone. */
export function gone(...pids: number[]): Promise<true> {
  return until(
    () => `${pids} to end`,
    () => pids.every((pid) => ["", "Z"].includes(statOf(pid)[0] ?? "")),
  );
}

export function descendants(pid: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: Number(statOf(Number(name))[1]) }));
  const below = (root: number): number[] =>
    parents.filter(({ parent }) => parent === root).flatMap((each) => [each.pid, ...below(each.pid)]);
  return pid === 0 ? [] : below(pid);
}

/** True when `port` can be listened on. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
  });
  await new Promise((resolve) => server.close(resolve));
  return free;
}

/** State and parent, and what follows, of /proc/PID/stat; one empty text when there is no such process. */
function statOf(pid: number): string[] {
  const text = readOr(`/proc/${pid}/stat`);
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

function commandOf(pid: number): string {
  return readOr(`/proc/${pid}/cmdline`).replaceAll("\0", " ");
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
