import { type Bytes, utf8 } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";

const longest = 1_024;
// NFC shortens a text at most to a third, so a longer text is too long in any case and need not be
// normalised.
const longestUnits = 4 * longest;

/**
 * Checks a passphrase before anything is stretched or sent. Throws CryptoError "passphrase_empty",
 * "passphrase_malformed" for an unpaired surrogate, or "passphrase_long" over 1,024 bytes of UTF-8 after NFC.
 */
export function checkPassphrase(passphrase: string): void {
  passphraseBytes(passphrase);
}

/** The input of scrypt: UTF-8 of NFC. Throws as checkPassphrase does. */
export function passphraseBytes(passphrase: string): Bytes {
  if (passphrase === "") throw new CryptoError("passphrase_empty");
  if (passphrase.length > longestUnits) throw new CryptoError("passphrase_long");
  if (!passphrase.isWellFormed()) throw new CryptoError("passphrase_malformed");
  const bytes = utf8(passphrase.normalize("NFC"));
  if (bytes.length > longest) throw new CryptoError("passphrase_long");
  return bytes;
}
