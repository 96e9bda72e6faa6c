import { boxOverhead, chunkLength } from "./chunk.ts";
import { CryptoError } from "./crypto-error.ts";
import { prefixLength } from "./header.ts";

const smallestPayload = 256;
// A chunk's number is a u32.
const largestPayload = 2 ** 32 * chunkLength;

/**
 * The length of a payload of `length` bytes after padding: Padmé (Nikitin et al., PETS 2019, "Reducing Metadata
 * Leakage from Encrypted Files"), at least 256. Leaks O(log log length) bits, adds at most 12 %.
 * Throws CryptoError "content_length" over 2^48 or for anything that is not a whole number.
 */
export function paddedLength(length: number): number {
  if (!Number.isSafeInteger(length) || length < 0 || length > largestPayload) {
    throw new CryptoError("content_length");
  }
  if (length <= smallestPayload) return smallestPayload;
  const exponent = bitLength(length) - 1;
  const step = 2 ** (exponent - bitLength(exponent));
  return Math.ceil(length / step) * step;
}

/** The length of the envelope around a padded payload. */
export function sealedLength(padded: number): number {
  return prefixLength + padded + boxOverhead * Math.ceil(padded / chunkLength);
}

/** The length of the padded payload inside an envelope; CryptoError "length" if sealing never gives such a length. */
export function payloadLength(envelopeLength: number): number {
  const sealed = envelopeLength - prefixLength;
  const padded = sealed - boxOverhead * Math.ceil(sealed / (chunkLength + boxOverhead));
  const possible = Number.isSafeInteger(padded) && padded >= smallestPayload && padded <= largestPayload;
  // sealedLength catches a last chunk with no plaintext in it.
  if (!possible || paddedLength(padded) !== padded || sealedLength(padded) !== envelopeLength) {
    throw new CryptoError("length");
  }
  return padded;
}

// Math.log2 rounds near powers of two; this is exact for every safe integer.
function bitLength(value: number): number {
  return value.toString(2).length;
}
