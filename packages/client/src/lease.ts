import { LEASE_SECONDS, OPEN_HEADERS } from "@mayfly/wire";
import { time } from "./answers.ts";
import type { ClientError, ClientErrorCode } from "./client-error.ts";
import { timeLeft } from "./service-clock.ts";
import type { Answer } from "./transport.ts";

/** Milliseconds, where the service has not said otherwise: before the first answer it has not. */
const usual = LEASE_SECONDS.default * 1000;

/** After these nobody knows whether the service did what it was asked. */
const uncertain: readonly ClientErrorCode[] = ["offline", "unavailable", "internal", "bad_answer"];

/** Whether a request that failed so may have been served. */
export function mayBeDone({ code }: ClientError): boolean {
  return uncertain.includes(code);
}

/** What one opener knows of the lease of its read. */
export class Lease {
  /** When it ends, as last told; ISO 8601 by the service's clock. Null while no answer of an open has come. */
  ends: string | null = null;
  /** Whether an open was sent that may have taken the read, and no answer said so. */
  isUncertain = false;
  // By this machine's running clock, in milliseconds.
  #end = 0;
  #length = usual;

  /** A try of a person or program begins: an open without an answer may have begun a lease of the usual length. */
  begin(): void {
    if (this.ends === null) this.#end = performance.now() + usual;
  }

  /** What an answer to an open or a part tells. Throws ClientError `bad_answer`. */
  keep(answer: Answer): void {
    this.ends = time(answer.header(OPEN_HEADERS.leaseEnds));
    this.#length = timeLeft(answer, this.ends, usual);
    this.#end = performance.now() + this.#length;
    this.isUncertain = false;
  }

  /** Whether there may be a read to lose. */
  get mayRun(): boolean {
    return this.ends !== null || this.isUncertain;
  }

  /** When a further try is useless. A lease that a halt cuts off gets its time anew when the service accepts again. */
  endAfter({ code }: ClientError): number {
    if (code === "halted") this.#end = performance.now() + this.#length;
    return this.#end;
  }
}
