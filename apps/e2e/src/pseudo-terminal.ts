/** Somebody at a real terminal, typing. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { atExit } from "@mayfly/lab/at-exit";
import { Hopeless, until } from "@mayfly/lab/until";
import type { CommandLine } from "./command-line.ts";

const PROGRAM = fileURLToPath(new URL("pseudo-terminal.py", import.meta.url));
const WAIT_MS = 60_000;

export interface PseudoTerminal {
  /** All that it has shown, as bytes came. */
  readonly shown: string;
  /** What came on the stream that is kept apart. */
  readonly apart: string;
  /** Waits until it shows these words, behind what was waited for before. */
  sees(words: string): Promise<void>;
  /** Types; Enter is \r. */
  types(keys: string): void;
  /** The exit code, once the line has ended. */
  ended: Promise<number>;
  kill(): void;
}

/**
 * Runs a line of bash where `line` types. `piped` keeps one standard stream off the terminal: standard input then has
 * the text that is given, standard output comes as `apart`.
 */
export function openTerminal(
  line: CommandLine,
  command: string,
  piped: { stdin: string } | { stdout: true } | undefined = undefined,
): PseudoTerminal {
  const which = piped === undefined ? "none" : Object.keys(piped)[0];
  const child: ChildProcess = spawn("python3", [PROGRAM, which as string, command], {
    cwd: line.folder,
    env: line.env,
    stdio: ["pipe", "pipe", "inherit", "pipe"],
  });
  let shown = "";
  let apart = "";
  let read = 0;
  let over = false;
  const kill = () => child.kill("SIGKILL");
  const forget = atExit(kill);
  child.stdout?.on("data", (bytes) => {
    shown += bytes;
  });
  const third = child.stdio[3] as Readable & Writable;
  third.on("error", () => {});
  if (piped !== undefined && "stdin" in piped) third.end(piped.stdin);
  else
    third.on("data", (bytes) => {
      apart += bytes;
    });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      over = true;
      forget();
      resolve(code ?? 128);
    });
  });
  return {
    get shown() {
      return shown;
    },
    get apart() {
      return apart;
    },
    sees: (words) =>
      until(
        () => `the terminal to show ${JSON.stringify(words)} after: ${JSON.stringify(shown)}`,
        () => {
          const at = shown.indexOf(words, read);
          if (at < 0 && over) throw new Hopeless(`it never showed ${words}: ${JSON.stringify(shown)}`);
          if (at >= 0) read = at + words.length;
          return at >= 0;
        },
        WAIT_MS,
      ).then(() => undefined),
    types: (keys) => {
      child.stdin?.write(keys);
    },
    ended,
    kill,
  };
}
