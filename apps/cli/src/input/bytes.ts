import type { Readable } from "node:stream";
import { Fault } from "../fault.ts";

/** All that a stream gives. Throws Fault "usage" beyond `most` bytes, or the signal's reason. */
export async function readAll(
  stream: Readable,
  most: number,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Buffer[] = [];
  let length = 0;
  const stop = () => stream.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    for await (const piece of stream) {
      pieces.push(piece as Buffer);
      length += (piece as Buffer).length;
      if (length > most) throw new Fault("usage", "What was piped in is larger than can be sent.");
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
  signal.throwIfAborted();
  return new Uint8Array(Buffer.concat(pieces));
}

/** The text of UTF-8 bytes, or null. A mark of byte order at its beginning stays. */
export function textIn(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Without the one line end at its end. */
export function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}
