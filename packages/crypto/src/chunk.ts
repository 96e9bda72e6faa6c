import nacl from "tweetnacl";
import type { Bytes } from "./bytes.ts";

/** Bytes of plaintext in every chunk but the last, which has 1 … chunkLength. */
export const chunkLength = 65_536;
/** Bytes that sealing adds to each chunk: the Poly1305 tag in front. */
export const boxOverhead = 16;

// STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015): the place and whether it is the last are in the nonce.
function nonceOf(index: number, final: boolean): Bytes {
  const nonce = new Uint8Array(24);
  new DataView(nonce.buffer).setUint32(19, index);
  nonce[23] = final ? 1 : 0;
  return nonce;
}

// tweetnacl allocates its results itself, over plain buffers; its types do not say so.

/** One chunk as XSalsa20-Poly1305 secretbox: tag | ciphertext. */
export function sealChunk(plain: Uint8Array, index: number, final: boolean, key: Uint8Array): Bytes {
  return nacl.secretbox(plain, nonceOf(index, final), key) as Bytes;
}

/** The plaintext of a chunk, or null when it does not authenticate at this place under this key. */
export function openChunk(box: Uint8Array, index: number, final: boolean, key: Uint8Array): Bytes | null {
  return nacl.secretbox.open(box, nonceOf(index, final), key) as Bytes | null;
}
