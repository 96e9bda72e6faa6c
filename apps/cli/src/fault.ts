import type { Exit } from "./exit-codes.ts";

/**
 * Why the command ends without having done its work: how it exits, and a sentence for people. The sentence never holds
 * what was typed, piped or read: no secret, link, path or argument.
 */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly exit: Exit;

  constructor(exit: Exit, sentence: string, cause?: unknown) {
    super(sentence, { cause });
    this.exit = exit;
  }
}

/** Stopped by a person or by the system: nothing to complain of. The message tells what became of the work, or is "". */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly exit: "stopped" | "terminated" | "hungUp";

  constructor(exit: Stopped["exit"] = "stopped", sentence = "") {
    super(sentence);
    this.exit = exit;
  }
}
