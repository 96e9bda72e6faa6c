import type { Bytes, Sealer } from "@mayfly/crypto";
import type { ContentStream } from "./secret-source.ts";

// Content is sealed in slices, so that a large piece is not also held sealed.
const sliceBytes = 65_536;

async function* sealed(
  sealer: Sealer,
  content: Uint8Array | ContentStream,
  signal: AbortSignal | undefined,
): AsyncGenerator<Bytes> {
  for await (const piece of content instanceof Uint8Array ? [content] : content.read(signal)) {
    for (let at = 0; at < piece.length; at += sliceBytes)
      yield* sealer.push(piece.subarray(at, at + sliceBytes));
  }
  yield* sealer.finish();
}

/**
 * Yields the parts of an envelope, sealed on demand: `partBytes` each, the last one shorter. Throws what
 * reading the content throws, and CryptoError "content_length" if the content does not have the announced
 * length.
 */
export async function* envelopeParts(
  sealer: Sealer,
  content: Uint8Array | ContentStream,
  partBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Bytes> {
  let left = sealer.envelopeLength;
  let part = new Uint8Array(Math.min(partBytes, left));
  let filled = 0;
  for await (let piece of sealed(sealer, content, signal)) {
    while (piece.length > 0) {
      const taken = piece.subarray(0, part.length - filled);
      part.set(taken, filled);
      filled += taken.length;
      piece = piece.subarray(taken.length);
      if (filled === part.length) {
        yield part;
        left -= filled;
        filled = 0;
        part = new Uint8Array(Math.min(partBytes, left));
      }
    }
  }
}
