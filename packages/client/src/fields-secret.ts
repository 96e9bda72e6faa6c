import { decodeFields, encodeFields, type OpenedSecret, type Secret } from "@mayfly/crypto";

/**
 * Makes a secret of named texts, in the order given. The page knows these names: for a login `service`,
 * `username`, `password`, `note`; for a contact `name`, `email`, `phone`, `address`, `note`. Throws
 * CryptoError "fields" unless each name is 1 to 32 letters, the first in lower case, and each value a
 * well-formed string.
 */
export function fieldsSecret(kind: "login" | "contact", fields: Readonly<Record<string, string>>): Secret {
  return { meta: { kind }, content: encodeFields(fields) };
}

/**
 * The fields of a login or contact; null for another kind. Throws CryptoError "fields" for malformed content.
 */
export function fieldsOf(secret: Secret | OpenedSecret): Record<string, string> | null {
  const { meta, content } = secret;
  return meta.kind === "login" || meta.kind === "contact" ? decodeFields(content) : null;
}
