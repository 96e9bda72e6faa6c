import { decodeText, encodeText, type OpenedSecret, type Secret } from "@mayfly/crypto";

/** Makes a secret of a text. Throws CryptoError "text" for an unpaired surrogate. */
export function textSecret(text: string): Secret {
  return { meta: { kind: "text" }, content: encodeText(text) };
}

/** The text of a secret; null for another kind. Throws CryptoError "text" for malformed content. */
export function textOf(secret: Secret | OpenedSecret): string | null {
  return secret.meta.kind === "text" ? decodeText(secret.content) : null;
}
