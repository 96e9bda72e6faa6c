import { decodeText, encodeText, type OpenedSecret, type Secret } from "@mayfly/crypto";

/** A secret that is a text. Throws CryptoError "text" for half of a surrogate pair. */
export function textSecret(text: string): Secret {
  return { meta: { kind: "text" }, content: encodeText(text) };
}

/** The text of a secret, or null when it is of another kind. Throws CryptoError "text". */
export function textOf(secret: Secret | OpenedSecret): string | null {
  return secret.meta.kind === "text" ? decodeText(secret.content) : null;
}
