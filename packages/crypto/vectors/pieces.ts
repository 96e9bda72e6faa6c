import { sha256 } from "@noble/hashes/sha2.js";
import { joinBytes, utf8 } from "../src/bytes.ts";
import { sealChunk } from "../src/chunk.ts";
import { payloadKey } from "../src/header.ts";
import type { Keys } from "../src/index.ts";
import type { BytesRule, Piece, TextRule } from "./vector.ts";

/** The bytes of a hex text. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Bytes as hex. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes that a rule stands for. */
export function bytesOf(rule: BytesRule): Uint8Array {
  if ("hex" in rule) return fromHex(rule.hex);
  if ("utf8" in rule) return utf8(rule.utf8);
  const unit = fromHex(rule.repeat);
  return new Uint8Array(rule.length).map((_, at) => unit[at % unit.length] as number);
}

/** Bytes that look random and are the same for everyone: SHA-256 of a name. */
export function namedBytes(name: string, length = 32): Uint8Array {
  return sha256(utf8(`mayfly vectors: ${name}`)).slice(0, length);
}

/** How a payload begins: with these lengths, by default the meta's and no content, and the meta. */
export function payloadStart(
  meta: Uint8Array,
  says: { meta?: number; content?: number | bigint } = {},
): BytesRule {
  const lengths = new Uint8Array(12);
  const view = new DataView(lengths.buffer);
  view.setUint32(0, says.meta ?? meta.length);
  view.setBigUint64(4, BigInt(says.content ?? 0));
  return { hex: toHex(lengths) + toHex(meta) };
}

/** The text that a rule stands for. */
export function textOf(rule: TextRule): string {
  return typeof rule === "string" ? rule : rule.unit.repeat(rule.times);
}

/** The envelope that the pieces make; `good` gives the good envelopes by name. */
export function buildEnvelope(
  pieces: readonly Piece[],
  keys: Keys,
  good: (name: string) => Uint8Array,
): Uint8Array {
  let built: Uint8Array = new Uint8Array(0);
  for (const piece of pieces) {
    built = joinBytes(built, buildPiece(piece));
  }
  return built;

  function buildPiece(piece: Piece): Uint8Array {
    if ("of" in piece) return good(piece.of).subarray(piece.from, piece.to);
    if ("commitment" in piece) return payloadKey(built, keys).commitment;
    if (!("box" in piece)) return bytesOf(piece);
    const { index, final, plain } = piece.box;
    const { key } = payloadKey(built.subarray(0, 30), keys);
    return sealChunk(joinBytes(...plain.map(bytesOf)), index, final, key);
  }
}
