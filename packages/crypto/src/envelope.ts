import type { Bytes } from "./bytes.ts";
import type { Keys } from "./keys.ts";
import type { OpenedMeta, SecretMeta } from "./meta.ts";
import { createOpener } from "./opener.ts";
import { createSealer, type Sealer } from "./sealer.ts";

/** A secret in the clear: what it is, and its bytes (SPEC.md §7 says which, for each kind). */
export interface Secret {
  meta: SecretMeta;
  content: Uint8Array;
}

/** A secret that was opened, whole. */
export interface OpenedSecret {
  meta: OpenedMeta;
  content: Bytes;
}

/** The envelope of a secret, under fresh randomness at every call; throws as createSealer does. */
export function seal(secret: Secret, keys: Keys): Bytes {
  return sealWhole(createSealer(secret.meta, secret.content.length, keys), secret.content);
}

/** All of the content through a fresh sealer. Not for other packages. */
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

/** The secret in an envelope, after every byte of it has verified; throws as createOpener and Opener.push do. */
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
