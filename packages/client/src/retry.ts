import { DEPOSIT_SECONDS } from "@mayfly/wire";
import { ClientError, type ClientErrorCode } from "./client-error.ts";

/** How often, and how patiently, something that is safe to send again is sent again. Times in milliseconds. */
export interface Patience {
  /** Tries in all. */
  tries: number;
  /** Before the second try; doubled each time. */
  firstPause: number;
  /** Longest wait that the service may ask for with `Retry-After`. */
  longestPause: number;
  /** No try begins later than this after the first. */
  within: number;
}

export const brief: Patience = { tries: 3, firstPause: 400, longestPause: 5_000, within: 60_000 };
/** For a reservation's parts: the service waits no longer for all of them. */
export const depositing: Patience = {
  tries: 6,
  firstPause: 500,
  longestPause: 120_000,
  within: DEPOSIT_SECONDS * 1000,
};

/** For what a claim may repeat for `lease` milliseconds: after that a try is in vain, so none waits longer. */
export function whileLeased(lease: number, tries: number): Patience {
  return { tries, firstPause: 400, longestPause: lease, within: lease };
}

const passing: readonly ClientErrorCode[] = ["offline", "unavailable", "timeout", "rate_limited", "busy"];

/**
 * The result of `work`, tried again after faults that pass. Throws its last error, at once for any other fault or when
 * the service asks for more patience than there is; or the signal's reason.
 */
export async function retried<T>(
  work: () => Promise<T>,
  { tries, firstPause, longestPause, within }: Patience,
  signal?: AbortSignal | undefined,
): Promise<T> {
  const end = performance.now() + within;
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ClientError) || !passing.includes(error.code) || attempt >= tries) throw error;
      const asked = (error.retryAfter ?? 0) * 1000;
      const wait = Math.max(asked, firstPause * 2 ** (attempt - 1));
      if (asked > longestPause || performance.now() + wait > end) throw error;
      await pause(wait, signal);
    }
  }
}

function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    if (signal?.aborted) stop();
    else signal?.addEventListener("abort", stop, { once: true });
  });
}
