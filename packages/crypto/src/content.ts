import { type Bytes, utf8 } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";

const fieldName = /^[a-z][A-Za-z]{0,31}$/;

/** Encodes a text as content: UTF-8. Throws CryptoError "text" for an unpaired surrogate. */
export function encodeText(text: string): Bytes {
  if (!text.isWellFormed()) throw new CryptoError("text");
  return utf8(text);
}

/** Decodes content to the text exactly as typed. Throws CryptoError "text" unless the content is UTF-8. */
export function decodeText(content: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new CryptoError("text");
  }
}

/**
 * Encodes the fields of a login or contact in the order given. SPEC.md §7 lists the names in use. Throws
 * CryptoError "fields" unless each name is 1 to 32 letters, the first in lower case, and each value is a
 * well-formed string.
 */
export function encodeFields(fields: Readonly<Record<string, string>>): Bytes {
  for (const [name, value] of Object.entries(fields)) {
    if (!fieldName.test(name) || typeof value !== "string" || !value.isWellFormed())
      throw new CryptoError("fields");
  }
  return utf8(JSON.stringify(fields));
}

/** Decodes fields. Throws CryptoError "fields" unless encodeFields would give exactly these bytes. */
export function decodeFields(content: Uint8Array): Record<string, string> {
  try {
    const text = decodeText(content);
    const fields = JSON.parse(text) as Record<string, string>;
    // Encoding again finds repeated names, white space and every value that is not an object of strings.
    if (text.startsWith("{") && decodeText(encodeFields(fields)) === text) return fields;
  } catch {
    // Not UTF-8, not JSON, or of another shape: the caller gets the same reason for all.
  }
  throw new CryptoError("fields");
}
