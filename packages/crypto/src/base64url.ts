import type { Bytes } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Encodes as base64url without padding (RFC 4648 §5). For codes and proofs, not for envelopes. */
export function encodeBase64url(bytes: Uint8Array): string {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += alphabet[(held >> bits) & 63];
    }
  }
  return bits > 0 ? text + alphabet[(held << (6 - bits)) & 63] : text;
}

/**
 * Decodes base64url. Throws CryptoError "base64url" for padding, white space, another alphabet or tail bits
 * that are not zero. Buffer and atob accept all of these; here each byte string has exactly one text.
 */
export function decodeBase64url(text: string): Bytes {
  if (typeof text !== "string" || text.length % 4 === 1) throw new CryptoError("base64url");
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let held = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = alphabet.indexOf(text.charAt(i));
    if (value < 0) throw new CryptoError("base64url");
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
    }
  }
  if ((held & ((1 << bits) - 1)) !== 0) throw new CryptoError("base64url");
  return bytes;
}
