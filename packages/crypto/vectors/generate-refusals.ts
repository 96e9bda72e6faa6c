import { sha256 } from "@noble/hashes/sha2.js";
import { utf8 } from "../src/bytes.ts";
import { payloadKey } from "../src/header.ts";
import type { CryptoReason, Keys } from "../src/index.ts";
import { buildEnvelope, payloadStart, toHex } from "./pieces.ts";
import { boxForTwoKeys } from "./two-keys.ts";
import type { BytesRule, EnvelopeRefusal, EnvelopeVector, Piece } from "./vector.ts";

/** A good envelope with what made it, for building bad ones. */
export interface Made {
  vector: EnvelopeVector;
  keys: Keys;
  envelope: Uint8Array;
}

const chunk = 65_536;
const box = chunk + 16;
const prefix = 62;
const emptyText = utf8('{"kind":"text"}');

interface Refusal {
  name: string;
  pieces: Piece[];
  reason: CryptoReason;
  keys?: string;
  openedWith?: string;
}

const slice = (of: string, from: number, to: number): Piece => ({ of, from, to });
const hex = (text: string): Piece => ({ hex: text });
const start = (of: string): Piece => slice(of, 0, prefix);
const sealed = (index: number, final: boolean, ...plain: BytesRule[]): Piece => ({
  box: { index, final, plain },
});
const zeros = (length: number): BytesRule => ({ repeat: "00", length });
const chunkOf = (of: string, index: number): Piece =>
  slice(of, prefix + index * box, prefix + (index + 1) * box);

type Lengths = Parameters<typeof payloadStart>[1];

/** A payload of `padded` bytes around an empty text's meta, which says these lengths. */
function payload(says?: Lengths, padded = 256): BytesRule[] {
  return [payloadStart(emptyText, says), zeros(padded - 12 - emptyText.length)];
}

function withPayload(name: string, reason: CryptoReason, plain: BytesRule[]): Refusal {
  return { name, reason, pieces: [start("text"), sealed(0, true, ...plain)] };
}

/** A header under its right commitment, before the chunk of the good text: only the header is at fault. */
function withHeader(name: string, reason: CryptoReason, header: string, keys?: string): Refusal {
  const pieces = [hex(header), { commitment: true } as const, sealed(0, true, ...payload())];
  return { name, reason, pieces, ...(keys ? { keys } : {}) };
}

function headers(text: Made): Refusal[] {
  const header = text.vector.envelope?.slice(0, 60) as string;
  const flipped = Array.from({ length: prefix }, (_, at): Refusal => {
    const byte = toHex(Uint8Array.of((text.envelope[at] as number) ^ (at === 5 ? 0x80 : 1)));
    const pieces = [slice("text", 0, at), hex(byte), slice("text", at + 1, text.envelope.length)];
    const reason = at < 4 ? "magic" : at === 4 ? "version" : at === 5 ? "flags" : "commitment";
    return { name: `byte ${at} flipped`, pieces, reason };
  });
  const nonce = header.slice(12);
  return [
    ...flipped,
    withHeader("other magic", "magic", `6d666c790100${nonce}`),
    withHeader("version 0 under its commitment", "version", `4d464c590000${nonce}`),
    withHeader("version 2 under its commitment", "version", `4d464c590200${nonce}`),
    withHeader("version 255 under its commitment", "version", `4d464c59ff00${nonce}`),
    withHeader("reserved flag 1 under its commitment", "flags", `4d464c590102${nonce}`),
    withHeader("reserved flag 7 under its commitment", "flags", `4d464c590180${nonce}`),
    withHeader("passphrase flag without a passphrase", "passphrase_flag", `4d464c590101${nonce}`),
    withHeader("passphrase without its flag", "passphrase_flag", `4d464c590100${nonce}`, "passphrase, NFC"),
  ];
}

function commitments(text: Made, keys: ReadonlyMap<string, Keys>): Refusal[] {
  const length = text.envelope.length;
  const whole = slice("text", 0, length);
  const header = text.envelope.subarray(0, 30);
  const both = ["plain", "other token"].map((name) => payloadKey(header, keys.get(name) as Keys).key);
  const nonce = new Uint8Array(24).with(23, 1);
  const forBoth = boxForTwoKeys(both as [Uint8Array, Uint8Array], nonce, 16);
  const twoKeys = [start("text"), hex(toHex(forBoth))];
  const under = "text under a passphrase";
  const hush = slice(under, 0, 334);
  const open = { keys: "passphrase, NFC", reason: "commitment" } as const;
  return [
    { name: "other token", pieces: [whole], openedWith: "other token", reason: "commitment" },
    { name: "other passphrase", pieces: [hush], openedWith: "passphrase, blanks count", ...open },
    {
      name: "passphrase not given",
      pieces: [hush],
      keys: "passphrase, NFC",
      openedWith: "the token of a passphrase without it",
      reason: "passphrase_flag",
    },
    {
      name: "wrong commitment over a valid chunk",
      pieces: [slice("text", 0, 30), { repeat: "5a", length: 32 }, slice("text", prefix, length)],
      reason: "commitment",
    },
    {
      name: "wrong commitment over a broken chunk: the chunk is not reached",
      pieces: [slice("text", 0, 30), { repeat: "5a", length: 32 }, { repeat: "a5", length: 272 }],
      reason: "commitment",
    },
    {
      name: "chunk that authenticates under two keys, opened with the other",
      pieces: twoKeys,
      openedWith: "other token",
      reason: "commitment",
    },
    // Its first bytes under the key are no lengths: the chunk itself authenticates.
    {
      name: "chunk that authenticates under two keys, opened with its own",
      pieces: twoKeys,
      reason: "inner_length",
    },
  ];
}

function lengths(text: Made): Refusal[] {
  const refused = (name: string, ...pieces: Piece[]): Refusal => ({ name, pieces, reason: "length" });
  const whole = slice("text", 0, text.envelope.length);
  const three = slice("three chunks", 0, prefix + 3 * box);
  return [
    refused("nothing", hex("")),
    refused("one byte", hex("4d")),
    refused("cut inside the header", slice("text", 0, 29)),
    refused("cut inside the commitment", slice("text", 0, 61)),
    refused("zero chunks", start("text")),
    refused("cut inside the only tag", slice("text", 0, prefix + 15)),
    refused("only an empty final chunk", start("text"), sealed(0, true)),
    refused("one byte less", slice("text", 0, text.envelope.length - 1)),
    refused("one byte after the final chunk", whole, hex("00")),
    refused("17 bytes after the final chunk", whole, zeros(17)),
    refused("payload of 255", start("text"), sealed(0, true, zeros(255))),
    refused("payload of 257, which no padding gives", start("text"), sealed(0, true, zeros(257))),
    refused("three chunks and one byte", three, hex("00")),
    refused("three chunks and 17 bytes", three, zeros(17)),
    refused("cut inside the first tag", slice("three chunks", 0, prefix + 8)),
    refused("cut inside the last tag", slice("three chunks", 0, prefix + 2 * box + 8)),
    refused("cut behind the last tag", slice("three chunks", 0, prefix + 2 * box + 16)),
    refused("empty final after a full chunk", start("text"), sealed(0, false, zeros(chunk)), sealed(1, true)),
    refused("empty final after the final", three, sealed(3, true)),
  ];
}

function chunks(): Refusal[] {
  const refused = (name: string, ...pieces: Piece[]): Refusal => ({ name, pieces, reason: "chunk" });
  // Chunk 0 verifies and tells the true length, before the place that was tampered with is reached.
  const early = (name: string, ...pieces: Piece[]): Refusal => ({ name, pieces, reason: "inner_length" });
  const name = "three chunks";
  const [zero, one, two] = [chunkOf(name, 0), chunkOf(name, 1), chunkOf(name, 2)];
  const full: BytesRule = zeros(chunk);
  return [
    refused("first byte of the tag", start("text"), hex("00"), slice("text", prefix + 1, 334)),
    refused("last byte of the ciphertext", slice("text", 0, 333), hex("00")),
    refused("only chunk not final", start("text"), sealed(0, false, ...payload())),
    refused("last chunk not final", start(name), zero, one, sealed(2, false, full)),
    early("no final chunk", start(name), zero, one),
    refused("two finals", start(name), zero, sealed(1, true, full), sealed(2, true, full)),
    refused("final first", start(name), sealed(0, true, full), one, two),
    early("chunk after the final", start(name), zero, one, two, sealed(3, true, full)),
    refused("first chunk dropped", start(name), one, two),
    early("middle chunk dropped", start(name), zero, two),
    refused("middle chunk replaced by its neighbour", start(name), zero, zero, two),
    early("chunk duplicated", start(name), zero, one, one, two),
    refused("chunks swapped", start(name), one, zero, two),
    refused("last chunks swapped", start(name), zero, two, one),
    refused("chunk of another secret", start(name), zero, chunkOf("three other chunks", 1), two),
    refused(
      "short chunk that is not final",
      start(name),
      sealed(0, false, zeros(chunk - 1)),
      one,
      two,
      hex("00"),
    ),
    refused("counter in the other byte order", start(name), zero, sealed(0x0100_0000, false, full), two),
  ];
}

function paddings(): Refusal[] {
  const marked = (at: number): BytesRule[] => [
    payloadStart(emptyText),
    zeros(at),
    { hex: "01" },
    zeros(228 - at),
  ];
  const inner = (name: string, says: Lengths, padded = 256): Refusal =>
    withPayload(name, "inner_length", payload(says, padded));
  const behind = 65_525;
  return [
    withPayload("first byte of the padding", "padding", marked(0)),
    withPayload("last byte of the padding", "padding", marked(228)),
    withPayload("meta length one short", "padding", payload({ meta: emptyText.length - 1 })),
    inner("content one byte over the payload", { content: 230 }),
    inner("content length of 2^53", { content: 2n ** 53n }),
    inner("content length of 2^64 − 1", { content: 2n ** 64n - 1n }),
    inner("padded to 512 where 256 is right", {}, 512),
    inner("padded to 512 where 480 is right", { content: 440 }, 512),
    inner("meta length far over the payload", { meta: 0xffff_ffff }),
    inner("meta length one over the payload", { meta: 245 }),
    {
      name: "meta that ends behind the first chunk",
      reason: "inner_length",
      pieces: [
        start("text"),
        sealed(0, false, ...payload({ meta: behind, content: 2 * chunk - 12 - behind }, chunk)),
        sealed(1, true, zeros(chunk)),
      ],
    },
  ];
}

/** Envelopes with one fault each, built from the good ones. */
export function generateRefusals(
  keys: ReadonlyMap<string, Keys>,
  good: ReadonlyMap<string, Made>,
): EnvelopeRefusal[] {
  const text = good.get("text") as Made;
  const all = [...headers(text), ...commitments(text, keys), ...lengths(text), ...chunks(), ...paddings()];
  return all.map(({ name, keys: made = "plain", openedWith, pieces, reason }) => {
    const envelope = buildEnvelope(pieces, keys.get(made) as Keys, (of) => (good.get(of) as Made).envelope);
    const { length } = envelope;
    const opening = openedWith === undefined ? {} : { openedWith };
    return { name, keys: made, ...opening, pieces, length, sha256: toHex(sha256(envelope)), reason };
  });
}
