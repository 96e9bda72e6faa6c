import { type LinkCode, readLink } from "@mayfly/crypto";

/** A link as pasted, or its decoded code. */
export type LinkLike = string | LinkCode;

/** The code of a link. Throws CryptoError `link_…` for a pasted text without a whole link. */
export function codeOf(link: LinkLike): LinkCode {
  return typeof link === "string" ? readLink(link).code : link;
}
