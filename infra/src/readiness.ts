/** Waits until the API is ready: the store answers, and a sweep was completed. */
import { setTimeout as wait } from "node:timers/promises";

const ASK_MS = 100;
const ANSWER_MS = 2_000;
/** A first sweep that takes longer is reported. */
const SLOW_MS = 20_000;

/**
 * Resolves true when /readyz says so, false when aborted. Calls `onSlow` once after `SLOW_MS`. Never throws.
 */
export async function untilReady(address: string, signal: AbortSignal, onSlow: () => void): Promise<boolean> {
  const slow = setTimeout(onSlow, SLOW_MS);
  try {
    while (!signal.aborted) {
      if (await isReady(address)) return true;
      await wait(ASK_MS, undefined, { signal }).catch(() => undefined);
    }
    return false;
  } finally {
    clearTimeout(slow);
  }
}

async function isReady(address: string): Promise<boolean> {
  try {
    const answer = await fetch(`${address}/readyz`, { signal: AbortSignal.timeout(ANSWER_MS) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
