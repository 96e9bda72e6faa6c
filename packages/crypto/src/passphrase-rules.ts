import { type Bytes, utf8 } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";

const longest = 1_024;
// No text of more UTF-16 units can be short enough after NFC, which at most thirds it: not worth normalising.
const longestUnits = 4 * longest;

/**
 * Refuses a passphrase before anything is stretched or sent: CryptoError "passphrase_malformed" for half of a surrogate
 * pair, "passphrase_empty", "passphrase_long" over 1,024 bytes of UTF-8 after NFC. Blanks count.
 */
export function checkPassphrase(passphrase: string): void {
  passphraseBytes(passphrase);
}

/** The bytes that are stretched: UTF-8 of NFC. Refuses as checkPassphrase does. */
export function passphraseBytes(passphrase: string): Bytes {
  if (passphrase === "") throw new CryptoError("passphrase_empty");
  if (passphrase.length > longestUnits) throw new CryptoError("passphrase_long");
  if (!passphrase.isWellFormed()) throw new CryptoError("passphrase_malformed");
  const bytes = utf8(passphrase.normalize("NFC"));
  if (bytes.length > longest) throw new CryptoError("passphrase_long");
  return bytes;
}
