import type { Terminal } from "./input/terminal.ts";
import type { Invocation } from "./invocation.ts";
import type { Surroundings } from "./surroundings.ts";

/** One run of one command. */
export interface Session {
  readonly invocation: Invocation;
  readonly surroundings: Surroundings;
  readonly terminal: Terminal;
}
