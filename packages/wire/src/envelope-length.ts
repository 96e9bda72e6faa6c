/**
 * The lengths that an envelope can have: header 30 + commitment 32, then 64 KiB chunks with a 16-byte tag
 * each. The service refuses any other length, because an unpadded envelope would reveal the length of its
 * content.
 */

const PREFIX_BYTES = 30 + 32;
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const MIN_PAYLOAD_BYTES = 256;

export const MIN_ENVELOPE_BYTES = PREFIX_BYTES + MIN_PAYLOAD_BYTES + TAG_BYTES;

/** The first bytes of every version 1 envelope: "MFLY" and the version. */
export const ENVELOPE_MAGIC: Uint8Array = Uint8Array.of(0x4d, 0x46, 0x4c, 0x59, 1);

/** True if `bytes` is the length of an envelope around a padded payload (Padmé, at least 256 bytes). */
export function isEnvelopeLength(bytes: number): boolean {
  if (!Number.isSafeInteger(bytes) || bytes < MIN_ENVELOPE_BYTES) return false;
  const sealed = bytes - PREFIX_BYTES;
  const chunks = Math.ceil(sealed / (CHUNK_BYTES + TAG_BYTES));
  const payload = sealed - chunks * TAG_BYTES;
  if (Math.ceil(payload / CHUNK_BYTES) !== chunks) return false;
  return payload === Math.max(MIN_PAYLOAD_BYTES, padme(payload));
}

/**
 * Padmé: rounds up to a length whose significant bits are at most one more than the bit length of its
 * exponent. Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs",
 * 2019, section 4.3.
 */
function padme(length: number): number {
  const exponent = Math.floor(Math.log2(length));
  const keptBits = Math.floor(Math.log2(exponent)) + 1;
  const step = 2 ** Math.max(0, exponent - keptBits);
  return Math.ceil(length / step) * step;
}
