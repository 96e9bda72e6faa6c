import { StoreUnavailable } from "../../src/index.ts";
import { eventually } from "./server.ts";

/**
 * The answer, or after StoreUnavailable the answer to the same call sent again, as every client does; `refused` hears of
 * each time.
 */
export async function insist<T>(
  call: () => Promise<T>,
  { withinMs = 15_000, refused = () => {} }: { withinMs?: number; refused?: () => void } = {},
): Promise<T> {
  let answer: T | undefined;
  await eventually(async () => {
    try {
      answer = await call();
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      refused();
      return false;
    }
  }, withinMs);
  return answer as T;
}
