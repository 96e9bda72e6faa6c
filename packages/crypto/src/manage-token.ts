import type { Bytes } from "./bytes.ts";
import { derive, extractManage } from "./derivation.ts";

/**
 * The manage token (32 bytes) of a manage link's seed. Throws CryptoError "argument" unless the seed has 32
 * bytes. Deposits, status and burn send the token; the seed is never sent.
 */
export function deriveManageToken(seed: Uint8Array): Bytes {
  return derive(extractManage(seed), "manageToken", 32);
}
