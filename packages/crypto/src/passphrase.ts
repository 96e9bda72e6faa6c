// A separate entry point: the page loads scrypt only for a passphrase, and runs it in a worker.
import { scryptAsync } from "@noble/hashes/scrypt.js";
import { type Bytes, requireLength } from "./bytes.ts";
import { passphraseBytes } from "./passphrase-rules.ts";

/** Progress and cancellation of stretchPassphrase. */
interface StretchOptions {
  /** Called with the fraction done, 0 to 1. */
  onProgress?(fraction: number): void;
  /** Stops the work: the promise then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * The password key (32 bytes) of a passphrase: scrypt (RFC 7914) with N = 2^17, r = 8, p = 1. `salt` is
 * passphraseSalt(token). Takes 128 MiB and about half a second, and yields to the event loop meanwhile.
 * Rejects with CryptoError as checkPassphrase does, or "argument" unless the salt has 32 bytes.
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
    // Milliseconds of work between pauses. Browsers make each pause 4 ms long, so the default of 10 ms wastes
    // time.
    asyncTick: 40,
    onProgress(fraction) {
      options.signal?.throwIfAborted();
      options.onProgress?.(fraction);
    },
  });
}
