import type { Bytes } from "./bytes.ts";
import type { Keys } from "./keys.ts";
import type { OpenedMeta, SecretMeta } from "./meta.ts";
import { createOpener } from "./opener.ts";
import { createSealer, type Sealer } from "./sealer.ts";

/** A secret in the clear. SPEC.md §7 gives the content of each kind. */
export interface Secret {
  meta: SecretMeta;
  content: Uint8Array;
}

/** An opened secret: every byte of its envelope has been verified. */
export interface OpenedSecret {
  meta: OpenedMeta;
  content: Bytes;
}

/** Seals a secret into an envelope with a fresh nonce. Throws as createSealer does. */
export function seal(secret: Secret, keys: Keys): Bytes {
  return sealWhole(createSealer(secret.meta, secret.content.length, keys), secret.content);
}

/** Seals the whole content with a new sealer. Internal to this package. */
export function sealWhole(sealer: Sealer, content: Uint8Array): Bytes {
  const envelope = new Uint8Array(sealer.envelopeLength);
  let at = 0;
  for (const pieces of [sealer.push(content), sealer.finish()]) {
    for (const piece of pieces) {
      envelope.set(piece, at);
      at += piece.length;
    }
  }
  return envelope;
}

/** Opens a whole envelope after verifying every byte. Throws as createOpener and Opener.push do. */
export function openEnvelope(envelope: Uint8Array, keys: Keys): OpenedSecret {
  const opener = createOpener(keys, envelope.length);
  const pieces = opener.push(envelope);
  const meta = opener.finish();
  const content = new Uint8Array(opener.contentLength as number);
  let at = 0;
  for (const piece of pieces) {
    content.set(piece, at);
    at += piece.length;
  }
  return { meta, content };
}
