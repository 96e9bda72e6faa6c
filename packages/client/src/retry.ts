import { ClientError, type ClientErrorCode } from "./client-error.ts";

/** A pause between two tries. Times are ISO 8601 by this machine's clock. */
export interface Waiting {
  /**
   * Why the last try failed: `offline`, `unavailable`, `timeout`, `busy`, `rate_limited`, `quota_exceeded` or
   * `halted`.
   */
  code: ClientErrorCode;
  /** When the first of these tries failed. */
  since: string;
  /** When retrying ends. Null while the service is halted, because a halt uses up no time. */
  until: string | null;
}

/** How long an idempotent request is retried. */
export interface RetryPolicy {
  /**
   * When retrying becomes useless, in milliseconds of `performance.now()`. Called after each fault, which may
   * move it.
   */
  end(fault: ClientError): number;
  /** Whether to retry after this transient fault. */
  mayRetry(fault: ClientError): boolean;
  signal?: AbortSignal | undefined;
  onWaiting?(waiting: Waiting): void;
  /** A try succeeded after `onWaiting`. */
  onResumed?(): void;
}

/** Exponential backoff in milliseconds: the first pause, doubled each time, and the longest. */
const firstPause = 400;
const longestPause = 5_000;
/** The last try begins this many milliseconds before the end, so that its response can still come. */
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

/** Three tries, for requests that a person or program can repeat without loss. */
export function threeTries(signal: AbortSignal | undefined): RetryPolicy {
  let faults = 0;
  return {
    end: () => performance.now() + longestPause,
    mayRetry: ({ code }) => ++faults < 3 && code !== "halted",
    signal,
  };
}

/**
 * Runs `work` and retries it after transient faults. Throws its last error: at once for any other fault, or
 * if the service asks to wait longer than the time left. Throws the signal's reason after an abort.
 */
export async function retried<T>(work: () => Promise<T>, policy: RetryPolicy): Promise<T> {
  const { mayRetry, signal, onWaiting, onResumed } = policy;
  let since: string | undefined;
  for (let step = firstPause; ; step = Math.min(step * 2, longestPause)) {
    try {
      const result = await work();
      if (since !== undefined) onResumed?.();
      return result;
    } catch (error) {
      if (!(error instanceof ClientError) || !passing.includes(error.code) || !mayRetry(error)) throw error;
      const left = policy.end(error) - performance.now();
      const wait = waitFor(error, step, left);
      if (wait === null) throw error;
      since ??= timeIn(0);
      onWaiting?.({ code: error.code, since, until: error.code === "halted" ? null : timeIn(left) });
      await pause(wait, signal);
    }
  }
}

/**
 * Milliseconds before the next try, at most `left`; null if a retry is useless. At least `Retry-After`,
 * unless the service is halted. The jitter keeps clients that failed together from retrying together.
 */
function waitFor({ code, retryAfter = 0 }: ClientError, step: number, left: number): number | null {
  const asked = retryAfter * 1000;
  const spread = 0.5 + Math.random() / 2;
  if (code === "halted") {
    // A halt may end right after this answer. The time that is then given anew runs: spend a quarter of it at
    // most.
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
