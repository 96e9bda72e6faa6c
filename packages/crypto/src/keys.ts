import { type Bytes, onlyZeros, requireLength } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";
import { derive, extractLink, extractRoot } from "./derivation.ts";

// Kept out of the object, so that logged, serialised or cloned keys never show the root, which can decrypt.
const roots = new WeakMap<Keys, Bytes>();

/** The keys of a token and its passphrase. Made by {@link deriveKeys} only; the root is not visible. */
export interface Keys {
  /** 32 bytes: proves to the service that the caller holds the link. */
  readonly linkProof: Bytes;
  /** 32 bytes: proves that the caller knows the passphrase. Absent without a passphrase. */
  readonly passphraseProof?: Bytes;
}

/**
 * Derives keys from a token (32 bytes) and, with a passphrase, the password key (32 bytes) of
 * stretchPassphrase. Throws CryptoError "argument" for another length, and for a password key of zeros, which
 * means "no passphrase".
 */
export function deriveKeys(token: Uint8Array, passwordKey?: Uint8Array): Keys {
  const link = extractLink(token);
  if (passwordKey) {
    requireLength(passwordKey, 32);
    if (onlyZeros(passwordKey)) throw new CryptoError("argument");
  }
  const root = extractRoot(passwordKey ?? new Uint8Array(32), derive(link, "seed", 32));
  const linkProof = derive(link, "linkProof", 32);
  const keys: Keys = passwordKey
    ? { linkProof, passphraseProof: derive(root, "passphraseProof", 32) }
    : { linkProof };
  roots.set(keys, root);
  return keys;
}

/**
 * The scrypt salt for this token's passphrase (32 bytes). Throws CryptoError "argument" unless the token has
 * 32 bytes.
 */
export function passphraseSalt(token: Uint8Array): Bytes {
  return derive(extractLink(token), "passphraseSalt", 32);
}

/**
 * The root of these keys. Throws CryptoError "argument" unless deriveKeys made them. Internal to this
 * package.
 */
export function rootOf(keys: Keys): Bytes {
  const root = roots.get(keys);
  if (!root) throw new CryptoError("argument");
  return root;
}
