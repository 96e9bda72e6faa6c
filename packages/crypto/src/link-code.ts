import { decodeBase64url, encodeBase64url } from "./base64url.ts";
import { type Bytes, joinBytes, requireLength, sameBytes } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";
import { derive, extractLink, extractManage } from "./derivation.ts";

// flags(1) | id(16) | secret(32) | check(5): 54 bytes are exactly 72 characters, with no unused bits.
export const codeLength = 72;
const version = 1;
const passphraseFlag = 1;
const manageFlag = 2;

/**
 * "link": the recipient's link. "manage": the sender's manage link. The page tells which of them was pasted.
 */
export type LinkKind = "link" | "manage";

/** The content of a link's fragment. */
export interface LinkCode {
  kind: LinkKind;
  /** Whether opening needs a passphrase too. */
  hasPassphrase: boolean;
  /** The reference id, 16 bytes. */
  id: Uint8Array;
  /** 32 bytes: the encryption token, or the manage seed when kind is "manage". */
  secret: Uint8Array;
}

// Each kind has its own extraction salt, so a token and a manage seed never share a key.
function checkOf(flags: Uint8Array, id: Uint8Array, secret: Uint8Array): Bytes {
  const manage = ((flags[0] as number) & manageFlag) !== 0;
  return derive(manage ? extractManage(secret) : extractLink(secret), "check", 5, flags, id);
}

/**
 * Encodes a code as 72 characters. Throws CryptoError "argument" unless the id has 16 and the secret 32
 * bytes.
 */
export function encodeLinkCode(code: LinkCode): string {
  requireLength(code.id, 16);
  requireLength(code.secret, 32);
  const flags = Uint8Array.of(
    (version << 4) | (code.kind === "manage" ? manageFlag : 0) | (code.hasPassphrase ? passphraseFlag : 0),
  );
  return encodeBase64url(joinBytes(flags, code.id, code.secret, checkOf(flags, code.id, code.secret)));
}

function decodeStrictly(text: string): Bytes {
  try {
    return decodeBase64url(text);
  } catch {
    throw new CryptoError("link_damaged");
  }
}

/**
 * Decodes exactly one code and repairs nothing; readLink does. Throws CryptoError "link_incomplete" under 72
 * characters, "link_version" for another version, "link_damaged" for a wrong alphabet, length or checksum, or
 * "link_flags" for an unknown flag with a valid checksum.
 */
export function decodeLinkCode(text: string): LinkCode {
  if (text.length < codeLength) throw new CryptoError("link_incomplete");
  const bytes = decodeStrictly(text.slice(0, codeLength));
  const flags = bytes.subarray(0, 1);
  const bits = bytes[0] as number;
  if (bits >> 4 !== version) throw new CryptoError("link_version");
  const id = bytes.slice(1, 17);
  const secret = bytes.slice(17, 49);
  const intact = sameBytes(bytes.subarray(49), checkOf(flags, id, secret));
  if (text.length !== codeLength || !intact) throw new CryptoError("link_damaged");
  if ((bits & 0x0f & ~(passphraseFlag | manageFlag)) !== 0) throw new CryptoError("link_flags");
  return {
    kind: bits & manageFlag ? "manage" : "link",
    hasPassphrase: (bits & passphraseFlag) !== 0,
    id,
    secret,
  };
}
