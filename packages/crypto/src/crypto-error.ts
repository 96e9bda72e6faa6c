/** Every reason for which this package refuses. A test compares this closed list with SPEC.md §9. */
export const cryptoReasons = [
  // No usable randomness: getRandomValues is missing, throws, or twice gave only zeros.
  "no_randomness",
  // An argument has a length or type that no caller may pass (a token of 31 bytes).
  "argument",
  // A text is not the one base64url form of any bytes.
  "base64url",
  // Nothing in the text looks like a link code.
  "link_missing",
  // A link code that is too short: a part of the link was cut off.
  "link_incomplete",
  // A link code whose checksum, alphabet or length is wrong: mistyped, re-encoded, or with something joined
  // to it.
  "link_damaged",
  // A link code of another version, or its first character was changed.
  "link_version",
  // A link code with a valid checksum and a flag that this version does not know.
  "link_flags",
  // The passphrase has no characters. White space counts as characters.
  "passphrase_empty",
  // The passphrase has more than 1,024 bytes as UTF-8 after NFC.
  "passphrase_long",
  // The passphrase holds an unpaired surrogate, which has no UTF-8 form.
  "passphrase_malformed",
  // Sealing never gives an envelope of this length.
  "length",
  // The envelope does not begin with "MFLY".
  "magic",
  // The envelope is of a version other than 1.
  "version",
  // The envelope's header sets a reserved flag.
  "flags",
  // The envelope needs a passphrase and the keys were made without one, or the other way round.
  "passphrase_flag",
  // The key does not match the envelope's commitment: wrong token or passphrase, or a changed header.
  "commitment",
  // A chunk does not authenticate at its place: changed, moved, cut, or with the wrong final flag.
  "chunk",
  // The meta to seal does not have the form of SPEC.md §6.
  "meta",
  // The lengths in chunk 0 do not give the envelope's length: cut, extended, or wrongly padded.
  "inner_length",
  // A padding byte is not zero.
  "padding",
  // finish() came before all bytes of the envelope did.
  "truncated",
  // More bytes were pushed than the envelope has.
  "trailing",
  // The content to seal is longer or shorter than announced, or a length is out of range.
  "content_length",
  // A text is not UTF-8, or holds an unpaired surrogate.
  "text",
  // The fields of a login or contact do not have the form of SPEC.md §7.
  "fields",
  // The sealer or opener has already finished or failed.
  "closed",
] as const;

/** Why this package refused: one of {@link cryptoReasons}. */
export type CryptoReason = (typeof cryptoReasons)[number];

/** The only error that this package throws on purpose. Carries no key material, plaintext or argument. */
export class CryptoError extends Error {
  override readonly name = "CryptoError";
  readonly reason: CryptoReason;

  constructor(reason: CryptoReason) {
    super(reason);
    this.reason = reason;
  }
}
