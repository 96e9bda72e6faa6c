import { Fault } from "../fault.ts";
import { harmlessJson } from "../harmless.ts";
import type { Io } from "../io.ts";

/** Throws Fault "output" when nobody would get the answer: before something is stored or read for it. */
export function demandReader({ unheard }: Io): void {
  if (unheard) throw new Fault("output", "Standard output is closed or thrown away. Nothing was done.");
}

/** Writes to standard output, and resolves when it is written. Throws Fault "output", also when nobody reads it. */
export function answer({ stdout }: Io, content: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => {
      const why = error.code === "EPIPE" ? "nobody reads it" : (error.code ?? "unknown");
      reject(new Fault("output", `Standard output could not be written (${why}).`, error));
    };
    stdout.once("error", fail);
    stdout.write(content, (error) => {
      if (error) return fail(error);
      stdout.off("error", fail);
      resolve();
    });
  });
}

/** One JSON object on lines of its own. */
export function answerJson(io: Io, value: object): Promise<void> {
  return answer(io, `${harmlessJson(value)}\n`);
}
