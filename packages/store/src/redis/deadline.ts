import { type StoreFault, StoreUnavailable } from "../errors.ts";

/**
 * Settles as `work` does, or throws `fault` after `ms`. `work` calls `late()` before it sends anything:
 * nothing may be sent for a caller that was already answered.
 */
export async function within<T>(
  ms: number,
  fault: StoreFault,
  work: (late: () => boolean) => Promise<T>,
): Promise<T> {
  let over = false;
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      over = true;
      reject(new StoreUnavailable(fault));
    }, ms);
  });
  const working = work(() => over);
  // After the timeout nobody waits for this promise.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, expiry]);
  } finally {
    over = true;
    clearTimeout(timer);
  }
}
