/**
 * Regular expressions for canonical base64url without padding (RFC 4648, sections 3.5 and 5). The unused bits
 * of the last character are zero, so each value has one text.
 */

/** 16 bytes, such as an id: 22 characters. */
export const BASE64URL_16_BYTES = "^[A-Za-z0-9_-]{21}[AQgw]$";

/** 32 bytes, such as a proof, a verifier or the manage token: 43 characters. */
export const BASE64URL_32_BYTES = "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$";

/** Any number of bytes. */
export const BASE64URL = "^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-][AQgw]|[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048])?$";
