/**
 * Capacity counts what is stored, never what was announced. A reservation counts only its record, and each
 * part is checked when it arrives. A share is reserved for small envelopes: large ones cannot fill the store.
 */

/** Envelopes of at most this many bytes may use the whole capacity. */
export const SMALL_ENVELOPE_BYTES = 65_536;

/** The share of the capacity that only small envelopes may use. */
const SMALL_SHARE = 1 / 16;

/** The most bytes that may be stored, this envelope included, for an envelope of this length to fit. */
export function limitFor(envelopeBytes: number, capacityBytes: number): number {
  return envelopeBytes <= SMALL_ENVELOPE_BYTES ? capacityBytes : capacityBytes * (1 - SMALL_SHARE);
}

/**
 * Bytes that an envelope takes, if a part takes `partFootprint` of its length. The last part may be shorter.
 */
export function footprint(
  bytes: number,
  partBytes: number,
  partFootprint: (bytes: number) => number,
): number {
  const whole = Math.floor(bytes / partBytes);
  const rest = bytes - whole * partBytes;
  return whole * partFootprint(partBytes) + (rest > 0 ? partFootprint(rest) : 0);
}
