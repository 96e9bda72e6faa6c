import nacl from "tweetnacl";
import type { Bytes } from "./bytes.ts";

/** Bytes of plaintext in every chunk except the last, which has 1 to chunkLength. */
export const chunkLength = 65_536;
/** Bytes that sealing adds to each chunk: the Poly1305 tag in front. */
export const boxOverhead = 16;

// STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015): the nonce holds the chunk's index and final
// flag.
function nonceOf(index: number, final: boolean): Bytes {
  const nonce = new Uint8Array(24);
  new DataView(nonce.buffer).setUint32(19, index);
  nonce[23] = final ? 1 : 0;
  return nonce;
}

// The casts below hold: tweetnacl allocates its results over ArrayBuffers, but its types do not say so.

/** Seals one chunk with secretbox (XSalsa20-Poly1305). Returns tag | ciphertext. */
export function sealChunk(plain: Uint8Array, index: number, final: boolean, key: Uint8Array): Bytes {
  return nacl.secretbox(plain, nonceOf(index, final), key) as Bytes;
}

/**
 * Returns the chunk's plaintext, or null if the chunk does not authenticate under this index, flag and key.
 */
export function openChunk(box: Uint8Array, index: number, final: boolean, key: Uint8Array): Bytes | null {
  return nacl.secretbox.open(box, nonceOf(index, final), key) as Bytes | null;
}
