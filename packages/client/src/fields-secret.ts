import { decodeFields, encodeFields, type OpenedSecret, type Secret } from "@mayfly/crypto";

/**
 * A secret of named texts, in the order given. Names in use, which the page knows: for a login `service`, `username`,
 * `password`, `note`; for a contact `name`, `email`, `phone`, `address`, `note`. Throws CryptoError "fields" unless each
 * name is 1 … 32 letters, the first small, and each value a well-formed text.
 */
export function fieldsSecret(kind: "login" | "contact", fields: Readonly<Record<string, string>>): Secret {
  return { meta: { kind }, content: encodeFields(fields) };
}

/** The named texts of a login or contact, or null when the secret is of another kind. Throws CryptoError "fields". */
export function fieldsOf(secret: Secret | OpenedSecret): Record<string, string> | null {
  const { meta, content } = secret;
  return meta.kind === "login" || meta.kind === "contact" ? decodeFields(content) : null;
}
