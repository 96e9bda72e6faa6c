/** Every reason for which this package refuses. Closed: SPEC.md §9 lists the same, a test compares the two. */
export const cryptoReasons = [
  // No usable source of randomness: getRandomValues is missing, throws, or gave only zeros twice.
  "no_randomness",
  // An argument has a length or type that no caller of this package may hand in (a token of 31 bytes).
  "argument",
  // A text is not the one base64url form of any bytes.
  "base64url",
  // Nothing in the text looks like a link code.
  "link_missing",
  // A link code that is too short: a part of the link was cut off.
  "link_incomplete",
  // A link code whose checksum, alphabet or length is wrong: mistyped, re-encoded, or with something joined to it.
  "link_damaged",
  // A link code of another version (or whose first character was changed).
  "link_version",
  // A link code with a right checksum and a flag that this version does not know.
  "link_flags",
  // The passphrase has no characters. (Blanks count as characters.)
  "passphrase_empty",
  // The passphrase has more than 1,024 bytes as UTF-8 after NFC.
  "passphrase_long",
  // The passphrase holds half of a surrogate pair, which has no UTF-8 form.
  "passphrase_malformed",
  // The envelope's length is none that sealing can give.
  "length",
  // The envelope does not begin with "MFLY".
  "magic",
  // The envelope is of a version other than 1.
  "version",
  // The envelope's header sets a reserved flag.
  "flags",
  // The envelope wants a passphrase and the keys were made without one, or the other way round.
  "passphrase_flag",
  // The key does not match the envelope's commitment: wrong token or passphrase, or a changed header.
  "commitment",
  // A chunk does not authenticate as what stands at its place: changed, moved, cut, or wrongly first or last.
  "chunk",
  // What is to be sealed has no meta in the strict form of SPEC.md §6.
  "meta",
  // The lengths inside, padded, are not the length of the envelope: cut, extended, or wrongly padded.
  "inner_length",
  // The padding is not zeros.
  "padding",
  // finish() came before all bytes of the envelope did.
  "truncated",
  // More bytes were pushed than the envelope has.
  "trailing",
  // The content handed in for sealing is longer or shorter than was said.
  "content_length",
  // A text is not UTF-8, or holds half of a surrogate pair.
  "text",
  // Named fields (login, contact) are not the strict form of SPEC.md §7.
  "fields",
  // The sealer or opener has finished or failed before.
  "closed",
] as const;

/** Why this package refused: one of {@link cryptoReasons}. */
export type CryptoReason = (typeof cryptoReasons)[number];

/** The only error that this package throws on purpose. Never carries key material, plaintext, or what was handed in. */
export class CryptoError extends Error {
  override readonly name = "CryptoError";
  readonly reason: CryptoReason;

  constructor(reason: CryptoReason) {
    super(reason);
    this.reason = reason;
  }
}
