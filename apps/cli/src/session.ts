import type { Terminal } from "./input/terminal.ts";
import type { Invocation } from "./invocation.ts";
import type { Io } from "./io.ts";

/** One run of one command. */
export interface Session {
  readonly invocation: Invocation;
  readonly io: Io;
  readonly terminal: Terminal;
}
