import { footprint, limitFor, SMALL_ENVELOPE_BYTES } from "../capacity.ts";
import type { Deposit, DepositAnswer, Reservation } from "../contract/secrets.ts";
import { within } from "./deadline.ts";
import type { Deployment } from "./deployment.ts";
import { partFootprint } from "./footprint.ts";

const MEASURE_MS = 1_000;
/** Stop waiting for a measurement after this time: the request may not need the server that does not answer. */
const WAIT_MS = 500;

/** For envelopes of which length one more part fits; the length itself is known to the script only. */
export type Admitted = "all" | "small" | "none";

/**
 * Whether something fits: the memory in use when it was last measured, and what this process has deposited or is depositing since.
 * What other processes deposit is seen at the next measurement. The server's maxmemory is exact besides.
 */
export class Capacity {
  readonly #deployment: Deployment;
  readonly #capacityBytes: number;
  #used: number;
  /** Deposited since the memory was measured. */
  #since = 0;
  /** Sent to the server, and not answered yet. */
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

  /** Whether a whole envelope would fit now. Nothing is set aside for it. */
  async envelopeFits({ bytes, partBytes }: Reservation): Promise<boolean> {
    const added = footprint(bytes, partBytes, partFootprint);
    if (!this.#fits(added, bytes)) await this.refresh();
    return this.#fits(added, bytes);
  }

  /** Runs one deposit, which is told what it may store, and counts what it stored. */
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
      // It may have been stored all the same.
      this.#since += added;
      throw error;
    } finally {
      this.#depositing -= added;
    }
  }

  /** Measures again, at most once a second. When that fails, the last measurement stands. */
  async refresh(): Promise<void> {
    const now = performance.now();
    if (this.#measuring === undefined && now - this.#measuredAt >= MEASURE_MS) {
      this.#measuredAt = now;
      // The verb that asked has its own answer; the next second measures again.
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
