import { expand, extract } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type Bytes, joinBytes, requireLength, utf8 } from "./bytes.ts";

/** HKDF-Extract salts. A token and a manage seed have different salts, so they share no key. */
const linkSalt = "mayfly/v1/link";
const manageSalt = "mayfly/v1/manage-seed";

/** HKDF info strings (RFC 5869). None is a prefix of another, so no two derivations have the same info. */
export const labels = {
  check: "mayfly/v1/check",
  linkProof: "mayfly/v1/link-proof",
  passphraseSalt: "mayfly/v1/pass-salt",
  seed: "mayfly/v1/seed",
  passphraseProof: "mayfly/v1/pass-proof",
  payload: "mayfly/v1/payload",
  manageToken: "mayfly/v1/manage-token",
} as const;

/** The pseudorandom key of a token (32 bytes). Throws CryptoError "argument" for another length. */
export function extractLink(token: Uint8Array): Bytes {
  requireLength(token, 32);
  return extract(sha256, token, utf8(linkSalt));
}

/** The pseudorandom key of a manage seed (32 bytes). Throws CryptoError "argument" for another length. */
export function extractManage(seed: Uint8Array): Bytes {
  requireLength(seed, 32);
  return extract(sha256, seed, utf8(manageSalt));
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

/**
 * The verifier of a proof, a claim or a manage token: its SHA-256 (32 bytes), all that the service stores of
 * it.
 */
export function verifierOf(proof: Uint8Array): Bytes {
  return sha256(proof);
}
