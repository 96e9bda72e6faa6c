import type { ReadStream } from "node:tty";

/** What the command sees of the world. `main.ts` makes it of the process; nothing else looks at that. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  /** Standard output was closed, or is the null device: nobody gets what is written there. */
  readonly unheard: boolean;
  /** Aborted, with a {@link Stopped}, by Ctrl-C and the like. */
  readonly signal: AbortSignal;
}

/** A line for people, beside the answer. What cannot be said is no reason to fail. */
export function tell({ stderr }: Io, line: string): void {
  stderr.write(`${line}\n`);
}

/** Whether somebody is at standard input. */
export function isTyped({ stdin }: Io): boolean {
  return (stdin as ReadStream).isTTY === true;
}
