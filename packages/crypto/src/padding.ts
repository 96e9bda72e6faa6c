import { boxOverhead, chunkLength } from "./chunk.ts";
import { CryptoError } from "./crypto-error.ts";
import { prefixLength } from "./header.ts";

const smallestPayload = 256;
// A chunk's index is a u32.
const largestPayload = 2 ** 32 * chunkLength;

/**
 * The padded length of a payload: Padmé (Nikitin et al., PETS 2019, "Reducing Metadata Leakage from Encrypted
 * Files"), but at least 256. Padmé leaks O(log log length) bits and adds at most 12 %. Throws CryptoError
 * "content_length" over 2^48 and for anything but a non-negative integer.
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

/**
 * The length of an envelope's padded payload. Throws CryptoError "length" if sealing never gives that
 * envelope length.
 */
export function payloadLength(envelopeLength: number): number {
  const sealed = envelopeLength - prefixLength;
  const padded = sealed - boxOverhead * Math.ceil(sealed / (chunkLength + boxOverhead));
  const possible = Number.isSafeInteger(padded) && padded >= smallestPayload && padded <= largestPayload;
  // Comparing with sealedLength refuses a last chunk without plaintext.
  if (!possible || paddedLength(padded) !== padded || sealedLength(padded) !== envelopeLength) {
    throw new CryptoError("length");
  }
  return padded;
}

// Exact for every safe integer, unlike Math.log2, which rounds near powers of two.
function bitLength(value: number): number {
  return value.toString(2).length;
}
