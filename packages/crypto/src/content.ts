import { type Bytes, utf8 } from "./bytes.ts";
import { CryptoError } from "./crypto-error.ts";

const fieldName = /^[a-z][A-Za-z]{0,31}$/;

/** The content of a text: its UTF-8. Throws CryptoError "text" for half of a surrogate pair. */
export function encodeText(text: string): Bytes {
  if (!text.isWellFormed()) throw new CryptoError("text");
  return utf8(text);
}

/** The text of a content, exactly as it was typed. Throws CryptoError "text" unless it is UTF-8. */
export function decodeText(content: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    throw new CryptoError("text");
  }
}

/**
 * The content of a login or a contact: named texts, in the order given. SPEC.md §7 lists the names in use. Throws
 * CryptoError "fields" unless each name is 1 … 32 letters, the first small, and each value is a well-formed text.
 */
export function encodeFields(fields: Readonly<Record<string, string>>): Bytes {
  for (const [name, value] of Object.entries(fields)) {
    if (!fieldName.test(name) || typeof value !== "string" || !value.isWellFormed())
      throw new CryptoError("fields");
  }
  return utf8(JSON.stringify(fields));
}

/** The named texts of a content, strictly in the one form that encodeFields gives; else CryptoError "fields". */
export function decodeFields(content: Uint8Array): Record<string, string> {
  try {
    const text = decodeText(content);
    const fields = JSON.parse(text) as Record<string, string>;
    // Writing it again refuses repeated names, blanks and everything that is no plain object of texts.
    if (text.startsWith("{") && decodeText(encodeFields(fields)) === text) return fields;
  } catch {
    // Not UTF-8, not JSON, or not of this shape: all the same to the caller.
  }
  throw new CryptoError("fields");
}
