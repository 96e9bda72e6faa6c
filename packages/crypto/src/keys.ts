import { type Bytes, onlyZeros, requireLength } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";
import { derive, extractLink, extractRoot } from "./derivation.ts";

// Held aside, so that keys which are logged, serialised or cloned never show what can decrypt.
const roots = new WeakMap<Keys, Bytes>();

/** What a token (and a passphrase) gives. Made by {@link deriveKeys} only; opaque but for the two proofs. */
export interface Keys {
  /** 32 bytes: shows the service that the link is held. */
  readonly linkProof: Bytes;
  /** 32 bytes: shows that the passphrase is known. Absent without a passphrase. */
  readonly passphraseProof?: Bytes;
}

/**
 * The keys of a token (32 bytes) and, with a passphrase, of the 32 bytes that stretchPassphrase gave.
 * Throws CryptoError "argument" for other lengths, and for a password key of zeros, which would mean no passphrase.
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

/** The salt with which this token's passphrase is stretched (32 bytes). Throws CryptoError "argument". */
export function passphraseSalt(token: Uint8Array): Bytes {
  return derive(extractLink(token), "passphraseSalt", 32);
}

/** The root of keys made by deriveKeys; CryptoError "argument" for any other object. Not for other packages. */
export function rootOf(keys: Keys): Bytes {
  const root = roots.get(keys);
  if (!root) throw new CryptoError("argument");
  return root;
}
