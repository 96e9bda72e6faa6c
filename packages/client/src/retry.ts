import { ClientError, type ClientErrorCode } from "./client-error.ts";

/** How often, and how patiently, something that is safe to send again is sent again. */
export interface Patience {
  /** Tries in all. */
  tries: number;
  /** Milliseconds before the second try; doubled each time. */
  firstPause: number;
  /** Longest wait, in milliseconds, that the service may ask for with `Retry-After`. */
  longestPause: number;
}

export const patient: Patience = { tries: 6, firstPause: 500, longestPause: 30_000 };
export const brief: Patience = { tries: 3, firstPause: 400, longestPause: 5_000 };

const passing: readonly ClientErrorCode[] = ["offline", "unavailable", "timeout", "rate_limited"];

/**
 * The result of `work`, tried again after faults that pass. Throws its last error, at once for any other fault or when
 * the service asks for more patience than there is; or the signal's reason.
 */
export async function retried<T>(
  work: () => Promise<T>,
  patience: Patience,
  signal?: AbortSignal | undefined,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ClientError) || !passing.includes(error.code) || attempt >= patience.tries)
        throw error;
      const asked = (error.retryAfter ?? 0) * 1000;
      if (asked > patience.longestPause) throw error;
      await pause(Math.max(asked, patience.firstPause * 2 ** (attempt - 1)), signal);
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
