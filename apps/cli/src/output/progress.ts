import type { Io } from "../io.ts";

const cells = 24;

/** How far some work is, on one line of a terminal that is taken back at the end. Elsewhere nothing. */
export interface Progress {
  /** `fraction` 0 … 1. */
  show(label: string, fraction: number): void;
  /** A sentence in its place. */
  say(line: string): void;
  /** Takes the line back. */
  clear(): void;
}

export function createProgress({ stderr, env }: Io): Progress {
  const isShown = stderr.isTTY && env.TERM !== "dumb";
  let last = "";
  function say(line: string): void {
    if (!isShown || line === last) return;
    stderr.write(`\r\x1b[2K${line}`);
    last = line;
  }
  return {
    show(label, fraction) {
      say(`${label}  [${bar(fraction)}] ${String(Math.floor(fraction * 100)).padStart(3)} %`);
    },
    say,
    clear() {
      if (last !== "") stderr.write("\r\x1b[2K");
      last = "";
    },
  };
}

function bar(fraction: number): string {
  const full = Math.round(fraction * cells);
  return "#".repeat(full) + "-".repeat(cells - full);
}
