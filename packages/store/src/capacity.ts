/**
 * Capacity counts what is stored, never what was announced: a reservation takes only its record's bytes, and each part is checked when
 * it comes. Small envelopes keep a share of the capacity for themselves, so that a store that large ones have filled still takes them.
 */

/** Envelopes of at most this many bytes may use the whole capacity. */
export const SMALL_ENVELOPE_BYTES = 65_536;

/** The part of the capacity that larger envelopes leave to small ones. */
const SMALL_SHARE = 1 / 16;

/** How many bytes may be stored for an envelope of this length to be taken, its own included. */
export function limitFor(envelopeBytes: number, capacityBytes: number): number {
  return envelopeBytes <= SMALL_ENVELOPE_BYTES ? capacityBytes : capacityBytes * (1 - SMALL_SHARE);
}

/** What an envelope takes when each of its parts takes `partFootprint` of its length; the last part may be shorter. */
export function footprint(
  bytes: number,
  partBytes: number,
  partFootprint: (bytes: number) => number,
): number {
  const whole = Math.floor(bytes / partBytes);
  const rest = bytes - whole * partBytes;
  return whole * partFootprint(partBytes) + (rest > 0 ? partFootprint(rest) : 0);
}
