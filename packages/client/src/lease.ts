import { LEASE_SECONDS, OPEN_HEADERS } from "@mayfly/wire";
import { time } from "./answers.ts";
import type { ClientError, ClientErrorCode } from "./client-error.ts";
import { timeLeft } from "./service-clock.ts";
import type { Answer } from "./transport.ts";

/** The lease in milliseconds that is assumed before the first response. */
const usual = LEASE_SECONDS.default * 1000;

/** After these codes it is unknown whether the service served the request. */
const uncertain: readonly ClientErrorCode[] = ["offline", "unavailable", "internal", "bad_answer"];

/** Whether a request that failed with this error may have been served. */
export function mayBeDone({ code }: ClientError): boolean {
  return uncertain.includes(code);
}

/** An opener's knowledge of the lease of its read. */
export class Lease {
  /**
   * When the lease ends, as last told; ISO 8601 by the service's clock. Null before a response to an open.
   */
  ends: string | null = null;
  /** Whether an open without a response may have taken the read. */
  isUncertain = false;
  // In milliseconds of `performance.now()`.
  #end = 0;
  #length = usual;

  /** Call when an open begins: even without a response, it may have begun a lease of the usual length. */
  begin(): void {
    if (this.ends === null) this.#end = performance.now() + usual;
  }

  /** Takes the lease's end from the response to an open or a part. Throws ClientError `bad_answer`. */
  keep(answer: Answer): void {
    this.ends = time(answer.header(OPEN_HEADERS.leaseEnds));
    this.#length = timeLeft(answer, this.ends, usual);
    this.#end = performance.now() + this.#length;
    this.isUncertain = false;
  }

  /** Whether the lease may be running. */
  get mayRun(): boolean {
    return this.ends !== null || this.isUncertain;
  }

  /**
   * When retrying becomes useless. After a halt the service restarts the lease, so `halted` moves the end.
   */
  endAfter({ code }: ClientError): number {
    if (code === "halted") this.#end = performance.now() + this.#length;
    return this.#end;
  }
}
