/** A program that is started again whenever it ends, as a supervisor does, and that faults may kill or stop. */
import { setTimeout as wait } from "node:timers/promises";
import type { Running } from "@mayfly/lab/running";
import { until } from "@mayfly/lab/until";

const AGAIN_MS = 250;
/** A busy machine takes its time to start a program. */
export const START_MS = 180_000;
const OUTPUT_KEPT = 2_000;

export class KeptProcess {
  readonly name: string;
  starts = 0;
  readonly #start: () => Running;
  #running: Running;
  #before = "";
  #over = false;
  #keeping: Promise<void>;

  constructor(name: string, start: () => Running) {
    this.name = name;
    this.#start = start;
    this.#running = this.#begin();
    this.#keeping = this.#keep();
  }

  /** Of the process that runs now, and the end of what the one before it said. */
  get output(): string {
    return this.#before + this.#running.output;
  }

  /** Whether the process that runs now has sent a message. */
  get spoke(): boolean {
    return !this.#running.over && this.#running.messages.length > 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#running.kill(signal);
  }

  /** Ends the one that runs without warning, and resolves when another runs. */
  async kill(): Promise<void> {
    const { starts } = this;
    this.#running.kill("SIGKILL");
    await until(`${this.name} to be started again`, () => this.starts > starts, START_MS);
  }

  async stop(): Promise<void> {
    this.#over = true;
    this.#running.kill("SIGCONT");
    await this.#running.stop();
    await this.#keeping;
  }

  #begin(): Running {
    this.starts += 1;
    return this.#start();
  }

  async #keep(): Promise<void> {
    for (;;) {
      await this.#running.ended.catch(() => undefined);
      if (this.#over) return;
      await wait(AGAIN_MS);
      if (this.#over) return;
      this.#before = this.#running.output.slice(-OUTPUT_KEPT);
      this.#running = this.#begin();
    }
  }
}
