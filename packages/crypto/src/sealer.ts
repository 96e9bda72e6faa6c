import { type Bytes, joinBytes } from "./bytes.ts";
import { chunkLength, sealChunk } from "./chunk.ts";
import { CryptoError } from "./crypto-error.ts";
import { makePrefix } from "./header.ts";
import type { Keys } from "./keys.ts";
import { encodeMeta, lengthsLength, type SecretMeta } from "./meta.ts";
import { paddedLength, sealedLength } from "./padding.ts";
import { randomBytes } from "./randomness.ts";

/** Seals content that comes in parts. The returned pieces, joined in order, are the envelope. */
export interface Sealer {
  /** The envelope's exact length in bytes, known from the start. */
  readonly envelopeLength: number;
  /**
   * Takes the next part of the content, of any size. The caller may reuse its buffer. Returns the pieces that
   * became ready, perhaps none. Throws CryptoError "content_length" beyond the announced length, "closed"
   * after finish or failure.
   */
  push(part: Uint8Array): Bytes[];
  /**
   * Returns the last pieces. Throws CryptoError "content_length" if content is missing, "closed" as above.
   */
  finish(): Bytes[];
}

/** The exact length of the envelope in bytes. Throws "meta" or "content_length" as createSealer does. */
export function envelopeLength(contentLength: number, meta: SecretMeta): number {
  const metaLength = encodeMeta(meta, contentLength).length;
  return sealedLength(paddedLength(lengthsLength + metaLength + contentLength));
}

/**
 * Makes a sealer for one secret of `contentLength` bytes (for files: the sum of their sizes), with a fresh
 * nonce. Throws CryptoError "meta", "content_length", "argument" or "no_randomness".
 */
export function createSealer(meta: SecretMeta, contentLength: number, keys: Keys): Sealer {
  return createSealerWithNonce(meta, contentLength, keys, randomBytes(24));
}

/** createSealer with a given nonce, for known-answer tests. Never exported from the package. */
export function createSealerWithNonce(
  meta: SecretMeta,
  contentLength: number,
  keys: Keys,
  nonce: Uint8Array,
): Sealer {
  const encoded = encodeMeta(meta, contentLength);
  const end = lengthsLength + encoded.length + contentLength;
  const padded = paddedLength(end);
  const { prefix, key } = makePrefix(keys, nonce);

  const buffer = new Uint8Array(Math.min(chunkLength, padded));
  let filled = 0;
  let index = 0;
  let sealed = 0;
  let missing = contentLength;
  let closed = false;

  function take(part: Uint8Array): Bytes[] {
    const pieces: Bytes[] = [];
    let at = 0;
    while (at < part.length) {
      const size = Math.min(chunkLength, padded - sealed);
      const length = Math.min(part.length - at, size - filled);
      let plain = part.subarray(at, at + length);
      at += length;
      // A chunk that lies whole in one part is sealed without a copy.
      if (length < size) {
        buffer.set(plain, filled);
        filled += length;
        if (filled < size) break;
        plain = buffer.subarray(0, size);
        filled = 0;
      }
      sealed += size;
      pieces.push(sealChunk(plain, index++, sealed === padded, key));
    }
    return pieces;
  }

  let start = [prefix, ...take(joinBytes(lengths(encoded.length, contentLength), encoded))];
  function withStart(pieces: Bytes[]): Bytes[] {
    const all = [...start, ...pieces];
    start = [];
    return all;
  }

  function fail(): never {
    closed = true;
    throw new CryptoError("content_length");
  }

  return {
    envelopeLength: sealedLength(padded),
    push(part) {
      if (closed) throw new CryptoError("closed");
      if (part.length > missing) fail();
      missing -= part.length;
      return withStart(take(part));
    },
    finish() {
      if (closed) throw new CryptoError("closed");
      if (missing > 0) fail();
      closed = true;
      return withStart(take(new Uint8Array(padded - end)));
    },
  };
}

function lengths(meta: number, content: number): Bytes {
  const bytes = new Uint8Array(lengthsLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, meta);
  view.setBigUint64(4, BigInt(content));
  return bytes;
}
