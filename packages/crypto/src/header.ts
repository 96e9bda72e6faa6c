import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, joinBytes, requireLength, sameBytes } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";
import { derive } from "./derivation.ts";
import { type Keys, rootOf } from "./keys.ts";

const magic = Uint8Array.of(0x4d, 0x46, 0x4c, 0x59); // "MFLY"
const version = 1;
const passphraseFlag = 1;
const nonceLength = 24;
const headerLength = 30;

/** Bytes before the first chunk: header(30) | commitment(32). */
export const prefixLength = 62;

interface PayloadKey {
  key: Bytes;
  commitment: Bytes;
}

/**
 * Derives the key of the chunks and the commitment to that key (32 bytes each) from the header (30 bytes).
 * The header is an input of the key because secretbox has no associated data. Internal to this package.
 */
export function payloadKey(header: Uint8Array, keys: Keys): PayloadKey {
  const derived = derive(rootOf(keys), "payload", 64, sha256(header));
  return { key: derived.slice(0, 32), commitment: derived.slice(32) };
}

/**
 * Makes an envelope's first 62 bytes and the key of its chunks. A nonce (24 bytes) must never be used twice.
 */
export function makePrefix(keys: Keys, nonce: Uint8Array): { prefix: Bytes; key: Bytes } {
  requireLength(nonce, nonceLength);
  const header = joinBytes(magic, Uint8Array.of(version, keys.passphraseProof ? passphraseFlag : 0), nonce);
  const { key, commitment } = payloadKey(header, keys);
  return { prefix: joinBytes(header, commitment), key };
}

/**
 * Returns the key of an envelope's chunks, from the envelope's first 62 bytes. Checks in this order and
 * throws CryptoError: "magic", "version", "flags", "passphrase_flag", "commitment".
 */
export function openPrefix(prefix: Uint8Array, keys: Keys): Bytes {
  const header = prefix.subarray(0, headerLength);
  if (!sameBytes(header.subarray(0, 4), magic)) throw new CryptoError("magic");
  if (header[4] !== version) throw new CryptoError("version");
  const flags = header[5] as number;
  if ((flags & ~passphraseFlag) !== 0) throw new CryptoError("flags");
  if ((flags === passphraseFlag) !== (keys.passphraseProof !== undefined))
    throw new CryptoError("passphrase_flag");
  const { key, commitment } = payloadKey(header, keys);
  if (!sameBytes(prefix.subarray(headerLength, prefixLength), commitment))
    throw new CryptoError("commitment");
  return key;
}
