import { createHash } from "node:crypto";
import type { FileSource } from "../src/index.ts";

export const hash = (...pieces: readonly Uint8Array[]) =>
  pieces.reduce((sum, piece) => sum.update(piece), createHash("sha256")).digest("hex");
export const bytesOf = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed + (index >> 8)) & 255);

/** A file that gives its bytes in pieces of `step`, and tells how far it was read and whether it was let go. */
export function fileOf(name: string, bytes: Uint8Array, step = 10_000, size = bytes.length) {
  const told = { read: 0, closed: false };
  const file: FileSource = {
    name,
    size,
    async *stream() {
      try {
        for (let at = 0; at < bytes.length; at += step) {
          told.read = Math.min(at + step, bytes.length);
          yield bytes.subarray(at, at + step);
        }
      } finally {
        told.closed = true;
      }
    },
  };
  return { file, told };
}
