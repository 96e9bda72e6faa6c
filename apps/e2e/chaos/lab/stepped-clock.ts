/** A clock that a run can step: a file holds how far every process of the run is ahead of the machine. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** Milliseconds since the epoch, by the file; read at every call, so that a step reaches all processes at once. */
export function steppedClock(file: string | null): () => number {
  if (file === null) return Date.now;
  return () => Date.now() + Number(readFileSync(file, "utf8"));
}

export class SteppedClock {
  readonly file: string;
  offsetMs = 0;

  constructor(file: string) {
    this.file = file;
    writeFileSync(file, "0");
  }

  step(byMs: number): void {
    this.offsetMs += byMs;
    writeFileSync(`${this.file}.next`, String(this.offsetMs));
    renameSync(`${this.file}.next`, this.file);
  }
}
