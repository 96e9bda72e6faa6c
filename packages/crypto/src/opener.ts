import { type Bytes, onlyZeros } from "./bytes.ts";
import { boxOverhead, chunkLength, openChunk } from "./chunk.ts";
import { CryptoError } from "./crypto-error.ts";
import { openPrefix, prefixLength } from "./header.ts";
import type { Keys } from "./keys.ts";
import { decodeMeta, lengthsLength, type OpenedMeta } from "./meta.ts";
import { paddedLength, payloadLength } from "./padding.ts";

/**
 * Opens an envelope that comes in parts. The pieces are verified and may be collected. Show them to a person
 * only after finish() has returned, because only then is the whole verified.
 */
export interface Opener {
  /** The meta; undefined until chunk 0 has been verified. */
  readonly meta: OpenedMeta | undefined;
  /** Length of the whole content in bytes; undefined until chunk 0 has been verified. */
  readonly contentLength: number | undefined;
  /**
   * Takes the next part of the envelope, of any size. The caller may reuse its buffer. Returns the pieces of
   * content verified by this part, in order, perhaps none. Throws CryptoError "magic", "version", "flags",
   * "passphrase_flag", "commitment", "chunk", "inner_length", "padding" or "trailing"; afterwards every call
   * throws "closed".
   */
  push(part: Uint8Array): Bytes[];
  /**
   * Returns the meta once the whole envelope has been verified. Throws CryptoError "truncated", or "closed"
   * as above.
   */
  finish(): OpenedMeta;
}

/**
 * Makes an opener for an envelope of exactly `envelopeLength` bytes. Throws CryptoError "length" if sealing
 * never gives that length, before anything is derived or allocated. `push` throws "argument" for keys that
 * deriveKeys did not make.
 */
export function createOpener(keys: Keys, envelopeLength: number): Opener {
  const padded = payloadLength(envelopeLength);
  const buffer = new Uint8Array(Math.min(chunkLength, padded) + boxOverhead);
  let filled = 0;
  let key: Bytes | undefined;
  let index = 0;
  let opened = 0;
  let meta: OpenedMeta | undefined;
  // Offsets of the content within the payload.
  let begin = 0;
  let end = 0;
  let closed = false;

  function readMeta(plain: Bytes): void {
    const lengths = new DataView(plain.buffer, plain.byteOffset);
    const contentLength = Number(lengths.getBigUint64(4));
    begin = lengthsLength + lengths.getUint32(0);
    end = begin + contentLength;
    if (begin > plain.length || end > padded || paddedLength(end) !== padded)
      throw new CryptoError("inner_length");
    meta = decodeMeta(plain.subarray(lengthsLength, begin), contentLength);
  }

  function openNext(box: Uint8Array): Bytes {
    const start = opened;
    opened += box.length - boxOverhead;
    const plain = openChunk(box, index, opened === padded, key as Bytes);
    if (!plain) throw new CryptoError("chunk");
    if (index++ === 0) readMeta(plain);
    const from = Math.max(begin - start, 0);
    const to = Math.min(Math.max(end - start, from), plain.length);
    if (!onlyZeros(plain.subarray(to))) throw new CryptoError("padding");
    return plain.subarray(from, to);
  }

  function take(part: Uint8Array): Bytes[] {
    const pieces: Bytes[] = [];
    let at = 0;
    while (at < part.length) {
      const size = key ? Math.min(chunkLength, padded - opened) + boxOverhead : prefixLength;
      if (size === boxOverhead) throw new CryptoError("trailing");
      const length = Math.min(part.length - at, size - filled);
      let whole = part.subarray(at, at + length);
      at += length;
      // A chunk that lies whole in one part is opened without a copy.
      if (length < size) {
        buffer.set(whole, filled);
        filled += length;
        if (filled < size) break;
        whole = buffer.subarray(0, size);
        filled = 0;
      }
      if (!key) {
        key = openPrefix(whole, keys);
        continue;
      }
      const piece = openNext(whole);
      if (piece.length > 0) pieces.push(piece);
    }
    return pieces;
  }

  return {
    get meta() {
      return meta;
    },
    get contentLength() {
      return meta && end - begin;
    },
    push(part) {
      if (closed) throw new CryptoError("closed");
      try {
        return take(part);
      } catch (error) {
        closed = true;
        throw error;
      }
    },
    finish() {
      if (closed) throw new CryptoError("closed");
      closed = true;
      if (!meta || opened !== padded) throw new CryptoError("truncated");
      return meta;
    },
  };
}
