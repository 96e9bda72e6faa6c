/** The command line as people have it: a `mayfly` on the path, typed into a shell. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { atExit } from "@mayfly/lab/at-exit";
import { temporaryFolder } from "@mayfly/lab/temporary-folder";
import { build } from "vite";

const ROOT = fileURLToPath(new URL("../../cli", import.meta.url));

interface Ran {
  readonly stdout: Buffer;
  readonly stderr: string;
  /** The exit code; for a signal the shell's number for it. */
  readonly code: number;
}

export interface CommandLine {
  /** Where it is started; empty in the beginning. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /**
   * Runs one line of bash there, without any terminal, until it ends. `stdin` is closed behind its bytes; nothing is
   * there without them.
   */
  shell(line: string, stdin?: string): Promise<Ran>;
  remove(): void;
}

/** The bundle, built anew into a folder of its own; answers its file. */
export async function buildCommandLine(): Promise<{ file: string; remove(): void }> {
  const { path, remove } = temporaryFolder("cli");
  await build({ root: ROOT, logLevel: "error", build: { outDir: path } });
  return { file: join(path, "mayfly.js"), remove };
}

/** A place to type in. `node` starts the bundle `file`; `env` is all that it has beside PATH, HOME and a fixed zone. */
export function createCommandLine(
  node: string,
  file: string,
  env: Readonly<Record<string, string>> = {},
): CommandLine {
  const { path, remove } = temporaryFolder("shell");
  const [bin, folder] = [join(path, "bin"), join(path, "here")];
  mkdirSync(bin);
  mkdirSync(folder);
  writeFileSync(join(bin, "mayfly"), `#!/bin/sh\nexec "${node}" "${file}" "$@"\n`);
  chmodSync(join(bin, "mayfly"), 0o755);
  const whole = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: path,
    TZ: "UTC",
    LC_ALL: "C.UTF-8",
    TERM: "xterm",
    ...env,
  };
  return {
    folder,
    env: whole,
    shell: (line, stdin) => shell(line, stdin, folder, whole),
    remove,
  };
}

function shell(
  line: string,
  stdin: string | undefined,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    // Detached: a session of its own has no terminal, whatever this one was started on.
    const child = spawn("bash", ["--norc", "-c", line], {
      cwd,
      env,
      detached: true,
      stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    const forget = atExit(() => {
      try {
        process.kill(-(child.pid as number), "SIGKILL");
      } catch {
        // Gone already.
      }
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on("data", (bytes) => stdout.push(bytes));
    child.stderr?.on("data", (bytes) => stderr.push(bytes));
    child.stdin?.on("error", () => {});
    child.stdin?.end(stdin);
    child.once("error", reject);
    child.once("close", (code) => {
      forget();
      resolve({
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString(),
        code: code ?? 128,
      });
    });
  });
}
