// An entry of its own: the page loads scrypt only when a passphrase is used, and runs it in a worker.
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { type Bytes, requireLength } from "./bytes.ts";
import { passphraseBytes } from "./passphrase-rules.ts";

/** How to watch and stop a stretching. */
export interface StretchOptions {
  /** Called with 0 … 1 as the work goes on. */
  onProgress?(fraction: number): void;
  /** Stops the work: the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * The password key (32 bytes) of a passphrase: scrypt (RFC 7914) with N = 2^17, r = 8, p = 1 over its NFC as UTF-8.
 * Takes 128 MiB and about half a second, and lets other work in between. `salt` is passphraseSalt(token), 32 bytes.
 * Rejects with CryptoError as checkPassphrase does, or "argument" for another salt.
 */
export async function stretchPassphrase(
  passphrase: string,
  salt: Uint8Array,
  options: StretchOptions = {},
): Promise<Bytes> {
  const bytes = passphraseBytes(passphrase);
  requireLength(salt, 32);
  options.signal?.throwIfAborted();
  return scryptAsync(bytes, salt, {
    N: 2 ** 17,
    r: 8,
    p: 1,
    dkLen: 32,
    // Longer slices than the default of 10 ms: browsers make each pause last 4 ms.
    asyncTick: 40,
    onProgress(fraction) {
      options.signal?.throwIfAborted();
      options.onProgress?.(fraction);
    },
  });
}
