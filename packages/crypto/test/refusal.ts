import { CryptoError, type CryptoReason } from "../src/index.ts";

/** The reason for which `attempt` is refused, or undefined when it is not. Any other error passes through. */
export function refusal(attempt: () => unknown): CryptoReason | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof CryptoError) return error.reason;
    throw error;
  }
}
