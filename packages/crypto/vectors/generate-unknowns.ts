import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "../src/bytes.ts";
import type { Keys } from "../src/index.ts";
import type { Made } from "./generate-refusals.ts";
import { buildEnvelope, payloadStart, toHex } from "./pieces.ts";
import { unknownContent, unknownMetas } from "./unknown-metas.ts";
import type { BytesRule, Piece, UnknownVector } from "./vector.ts";

const chunk = 65_536;

function box(index: number, final: boolean, ...plain: BytesRule[]): Piece {
  return { box: { index, final, plain } };
}

/** Two chunks without padding: more content than the first holds. */
function overTwoChunks(): { content: BytesRule; boxes: Piece[] } {
  const meta = utf8('{"kind":"image"}');
  const inFirst = chunk - 12 - meta.length;
  const bytes = (length: number): BytesRule => ({ repeat: "c0", length });
  const content = bytes(inFirst + chunk);
  return {
    content,
    boxes: [
      box(0, false, payloadStart(meta, { content: inFirst + chunk }), bytes(inFirst)),
      box(1, true, bytes(chunk)),
    ],
  };
}

/** Envelopes that open, with metas that no reader of this version knows. */
export function generateUnknowns(keys: Keys, text: Made): UnknownVector[] {
  const content: BytesRule = { hex: toHex(unknownContent) };
  const short = unknownMetas.map(({ name, meta }) => {
    const padding: BytesRule = { repeat: "00", length: 256 - 12 - meta.length - unknownContent.length };
    const plain = [payloadStart(meta, { content: unknownContent.length }), content, padding];
    return { name: `meta: ${name}`, content, boxes: [box(0, true, ...plain)] };
  });
  const others = [
    { name: "payload of zeros", content: { hex: "" }, boxes: [box(0, true, { repeat: "00", length: 256 })] },
    { name: "kind unknown, over two chunks", ...overTwoChunks() },
  ];
  return [...short, ...others].map(({ name, content, boxes }) => {
    const pieces: Piece[] = [{ of: "text", from: 0, to: 62 }, ...boxes];
    const envelope = buildEnvelope(pieces, keys, () => text.envelope);
    return { name, keys: "plain", pieces, content, length: envelope.length, sha256: toHex(sha256(envelope)) };
  });
}
