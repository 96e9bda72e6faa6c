import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, joinBytes, requireLength, utf8 } from "./bytes.ts";

/** The salt of the first extraction: everything derived hangs on it and on the token. */
const linkSalt = "mayfly/v1/link";

/** HKDF info strings (RFC 5869). None is a prefix of another, so no two derivations can meet. */
export const labels = {
  check: "mayfly/v1/check",
  linkProof: "mayfly/v1/link-proof",
  passphraseSalt: "mayfly/v1/pass-salt",
  seed: "mayfly/v1/seed",
  passphraseProof: "mayfly/v1/pass-proof",
  payload: "mayfly/v1/payload",
} as const;

/** The pseudorandom key of a token (32 bytes). Throws CryptoError "argument" for another length. */
export function extractLink(token: Uint8Array): Bytes {
  requireLength(token, 32);
  return extract(sha256, token, utf8(linkSalt));
}

/** The root from the seed and the password key (both 32 bytes). */
export function extractRoot(passwordKey: Uint8Array, seed: Uint8Array): Bytes {
  return extract(sha256, seed, passwordKey);
}

/** `length` bytes of HKDF-Expand over label | context. */
export function derive(
  key: Uint8Array,
  label: keyof typeof labels,
  length: number,
  ...context: Uint8Array[]
): Bytes {
  return expand(sha256, key, joinBytes(utf8(labels[label]), ...context), length);
}

/** What the service stores of a proof, a claim or a manage token: its SHA-256 (32 bytes). */
export function verifierOf(proof: Uint8Array): Bytes {
  return sha256(proof);
}
