import { type Bytes, onlyZeros } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";

// A draw shorter than this could be all zeros by chance.
const shortestDraw = 32;

/**
 * Returns `length` random bytes (up to 65,536) from the platform's cryptographic generator. Throws
 * CryptoError "no_randomness" if the generator is missing, throws, or gives only zeros twice in a row. There
 * is no fallback.
 */
export function randomBytes(length: number): Bytes {
  for (let attempt = 0; attempt < 2; attempt++) {
    const drawn = new Uint8Array(Math.max(length, shortestDraw));
    try {
      globalThis.crypto.getRandomValues(drawn);
    } catch {
      throw new CryptoError("no_randomness");
    }
    if (!onlyZeros(drawn)) return drawn.slice(0, length);
  }
  throw new CryptoError("no_randomness");
}
