import { ClientError, type ClientErrorCode } from "./client-error.ts";

/** What is waited for between two tries. Times are ISO 8601 by this machine's clock, as its user reads them. */
export interface Waiting {
  /** Why the last try failed: `offline`, `unavailable`, `timeout`, `busy`, `rate_limited`, `quota_exceeded` or `halted`. */
  code: ClientErrorCode;
  /** When the first of these tries failed. */
  since: string;
  /** Until when it will be tried again. Null while the service is halted: a halt does not use the time up. */
  until: string | null;
}

/** How long something that is safe to send again is sent again. */
export interface Patience {
  /** When a further try is useless, in milliseconds of `performance.now()`. Asked after each fault, which may move it. */
  end(fault: ClientError): number;
  /** Whether to wait for the end of this fault, which is one that may pass. */
  passes(fault: ClientError): boolean;
  signal?: AbortSignal | undefined;
  onWaiting?(waiting: Waiting): void;
  /** A try succeeded after `onWaiting`. */
  onResumed?(): void;
}

/** Milliseconds: the pause before the second try, doubled each time, and the longest. */
const firstPause = 400;
const longestPause = 5_000;
/** Milliseconds before the end at which the last try begins, so that its answer can still come. */
const lastTry = 1_000;
const passing: readonly ClientErrorCode[] = [
  "offline",
  "unavailable",
  "timeout",
  "busy",
  "rate_limited",
  "quota_exceeded",
  "halted",
];

/** Three tries, for what loses nothing by failing: a person or a program may ask again. */
export function brief(signal: AbortSignal | undefined): Patience {
  let faults = 0;
  return {
    end: () => performance.now() + longestPause,
    passes: ({ code }) => ++faults < 3 && code !== "halted",
    signal,
  };
}

/**
 * The result of `work`, tried again after faults that pass. Throws its last error, at once for any other fault or when
 * the service asks for more time than there is; or the signal's reason.
 */
export async function retried<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  const { passes, signal, onWaiting, onResumed } = patience;
  let since: string | undefined;
  for (let step = firstPause; ; step = Math.min(step * 2, longestPause)) {
    try {
      const result = await work();
      if (since !== undefined) onResumed?.();
      return result;
    } catch (error) {
      if (!(error instanceof ClientError) || !passing.includes(error.code) || !passes(error)) throw error;
      const left = patience.end(error) - performance.now();
      const wait = waitFor(error, step, left);
      if (wait === null) throw error;
      since ??= timeIn(0);
      onWaiting?.({ code: error.code, since, until: error.code === "halted" ? null : timeIn(left) });
      await pause(wait, signal);
    }
  }
}

/**
 * Milliseconds before the next try, never more than `left`; null when none is worth it. At least what the service asked
 * for, unless it is halted. Random, so that clients that failed together do not come back together.
 */
function waitFor({ code, retryAfter = 0 }: ClientError, step: number, left: number): number | null {
  const asked = retryAfter * 1000;
  const spread = 0.5 + Math.random() / 2;
  if (code === "halted") {
    // A halt may end right after this answer. The time that is then given anew runs: spend a quarter of it at most.
    const wait = Math.max(Math.min(asked + step, left / 4), firstPause) * spread;
    return wait < left ? wait : null;
  }
  if (asked > left) return null;
  const wait = Math.min(asked + step * spread, Math.max(asked, left - lastTry));
  return wait > 0 ? wait : null;
}

function timeIn(milliseconds: number): string {
  return new Date(Date.now() + milliseconds).toISOString();
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
