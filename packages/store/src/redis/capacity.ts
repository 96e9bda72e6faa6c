import { footprint, limitFor, SMALL_ENVELOPE_BYTES } from "../capacity.ts";
import type { Deposit, DepositAnswer, Reservation } from "../contract/secrets.ts";
import { within } from "./deadline.ts";
import type { Deployment } from "./deployment.ts";
import { partFootprint } from "./footprint.ts";

const MEASURE_MS = 1_000;
/**
 * Stop waiting for a measurement after this time: the request may not need the server that does not answer.
 */
const WAIT_MS = 500;

/** Which envelopes one more part fits for. Only the script knows the envelope's length. */
export type Admitted = "all" | "small" | "none";

/**
 * Estimates the memory in use: the last measurement, plus what this process has deposited since. Other
 * processes' deposits show at the next measurement. The server's maxmemory is the exact limit.
 */
export class Capacity {
  readonly #deployment: Deployment;
  readonly #capacityBytes: number;
  #used: number;
  /** Bytes deposited since the last measurement. */
  #since = 0;
  /** Bytes sent to the server and not answered yet. */
  #depositing = 0;
  #measuredAt = performance.now();
  #measuring: Promise<void> | undefined;

  private constructor(deployment: Deployment, capacityBytes: number, used: number) {
    this.#deployment = deployment;
    this.#capacityBytes = capacityBytes;
    this.#used = used;
  }

  static async measure(deployment: Deployment, capacityBytes: number): Promise<Capacity> {
    return new Capacity(deployment, capacityBytes, await deployment.usedMemory());
  }

  /** True if a whole envelope would fit now. Reserves nothing. */
  async envelopeFits({ bytes, partBytes }: Reservation): Promise<boolean> {
    const added = footprint(bytes, partBytes, partFootprint);
    if (!this.#fits(added, bytes)) await this.refresh();
    return this.#fits(added, bytes);
  }

  /** Runs one deposit with what it may store, and counts what it stored. */
  async deposit(
    { bytes }: Deposit,
    run: (admitted: Admitted) => Promise<DepositAnswer>,
  ): Promise<DepositAnswer> {
    const added = partFootprint(bytes.byteLength);
    if (this.#admitted(added) !== "all") await this.refresh();
    const admitted = this.#admitted(added);
    this.#depositing += added;
    try {
      const answer = await run(admitted);
      if (answer.outcome === "live" || answer.outcome === "incomplete") this.#since += added;
      return answer;
    } catch (error) {
      // The deposit may have been stored nevertheless.
      this.#since += added;
      throw error;
    } finally {
      this.#depositing -= added;
    }
  }

  /** Measures again, at most once a second. If that fails, the last measurement stands. */
  async refresh(): Promise<void> {
    const now = performance.now();
    if (this.#measuring === undefined && now - this.#measuredAt >= MEASURE_MS) {
      this.#measuredAt = now;
      // A failed measurement fails no verb. The next second measures again.
      this.#measuring = this.#measure()
        .catch(() => undefined)
        .finally(() => {
          this.#measuring = undefined;
        });
    }
    const measuring = this.#measuring;
    if (measuring !== undefined) await within(WAIT_MS, "timeout", () => measuring).catch(() => undefined);
  }

  async #measure(): Promise<void> {
    const since = this.#since;
    this.#used = await this.#deployment.usedMemory();
    this.#since -= since;
  }

  #admitted(added: number): Admitted {
    if (!this.#fits(added, SMALL_ENVELOPE_BYTES)) return "none";
    return this.#fits(added, SMALL_ENVELOPE_BYTES + 1) ? "all" : "small";
  }

  #fits(added: number, envelopeBytes: number): boolean {
    const stored = this.#used + this.#since + this.#depositing;
    return stored + added <= limitFor(envelopeBytes, this.#capacityBytes);
  }
}
