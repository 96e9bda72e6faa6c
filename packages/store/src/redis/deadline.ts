import { type StoreFault, StoreUnavailable } from "../errors.ts";

/**
 * Settles as `work` does, or throws `fault` after `ms`. Before `work` sends anything it asks `late()`: nothing may be sent for a caller
 * who has been answered already.
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
  // When it loses the race it is nobody's business any more.
  working.catch(() => undefined);
  try {
    return await Promise.race([working, expiry]);
  } finally {
    over = true;
    clearTimeout(timer);
  }
}
