import type { CryptoReason } from "@mayfly/crypto";

/** To the worker, once. */
export interface StretchRequest {
  passphrase: string;
  salt: Uint8Array;
}

/** From the worker: progress, then a key or why there is none. */
export type StretchAnswer = { fraction: number } | { key: Uint8Array } | { reason: CryptoReason };
