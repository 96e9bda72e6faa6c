import type { Bytes } from "./bytes.ts";
import { derive, extractManage } from "./derivation.ts";

/**
 * The manage token (32 bytes) of a manage link's seed (32 bytes). The token goes with every deposit, status and burn; the
 * seed is never sent. Throws CryptoError "argument" for another length.
 */
export function deriveManageToken(seed: Uint8Array): Bytes {
  return derive(extractManage(seed), "manageToken", 32);
}
