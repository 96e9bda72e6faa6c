import { sha256 } from "@noble/hashes/sha2.js";
import { sealWhole } from "../src/envelope.ts";
import {
  deriveKeys,
  deriveManageToken,
  type Keys,
  passphraseSalt,
  type SecretMeta,
  verifierOf,
} from "../src/index.ts";
import { rootOf } from "../src/keys.ts";
import { encodeMeta } from "../src/meta.ts";
import { stretchPassphrase } from "../src/passphrase.ts";
import { createSealerWithNonce } from "../src/sealer.ts";
import { generateLinks } from "./generate-links.ts";
import { generateRefusals, type Made } from "./generate-refusals.ts";
import { generateUnknowns } from "./generate-unknowns.ts";
import { bytesOf, namedBytes, toHex } from "./pieces.ts";
import type {
  BytesRule,
  EnvelopeVector,
  KeysVector,
  ManageVector,
  PassphraseRefusal,
  Vectors,
} from "./vector.ts";

const composed = "caf\u00e9 \u212b \ud55c";
const decomposed = composed.normalize("NFD");

const keysToMake: { name: string; token?: string; passphrase: string | null }[] = [
  { name: "plain", passphrase: null },
  { name: "other token", passphrase: null },
  { name: "passphrase, NFC", token: "with passphrase", passphrase: composed.normalize("NFC") },
  { name: "passphrase, NFD: the same keys", token: "with passphrase", passphrase: decomposed },
  {
    name: "passphrase, blanks count",
    token: "with passphrase",
    passphrase: ` ${composed.normalize("NFC")} `,
  },
  { name: "passphrase, 1,024 bytes and an emoji", passphrase: `\u{1f98b}${"x".repeat(1_020)}` },
  { name: "the token of a passphrase without it", token: "with passphrase", passphrase: null },
];

const refusedPassphrases: PassphraseRefusal[] = [
  { name: "empty passphrase", passphrase: "", reason: "passphrase_empty" },
  { name: "1,025 bytes", passphrase: { unit: "x", times: 1_025 }, reason: "passphrase_long" },
  { name: "513 letters of two bytes", passphrase: { unit: "\u00e9", times: 513 }, reason: "passphrase_long" },
  { name: "a million letters", passphrase: { unit: "x", times: 1_000_000 }, reason: "passphrase_long" },
  { name: "high surrogate alone", passphrase: "a\ud83e", reason: "passphrase_malformed" },
  { name: "low surrogate alone", passphrase: "\udd8b", reason: "passphrase_malformed" },
];

interface EnvelopeToMake {
  name: string;
  keys?: string;
  meta: SecretMeta;
  content: BytesRule;
}

const text: SecretMeta = { kind: "text" };
const pattern = (length: number): BytesRule => ({
  repeat: "6d61 79666c 7900 ff".replaceAll(" ", ""),
  length,
});
// How long a text is so that lengths, meta and content are exactly that many bytes.
const textAround = (payload: number): number => payload - 12 - `{"kind":"text"}`.length;

const envelopesToMake: EnvelopeToMake[] = [
  { name: "text", meta: text, content: { utf8: "Mayfly \u{1f98b}: one day.\n" } },
  { name: "empty text", meta: text, content: { hex: "" } },
  { name: "text of zeros", meta: text, content: { repeat: "00", length: 100 } },
  { name: "payload of 255", meta: text, content: pattern(textAround(255)) },
  { name: "payload of 256", meta: text, content: pattern(textAround(256)) },
  { name: "payload of 257", meta: text, content: pattern(textAround(257)) },
  {
    name: "login",
    meta: { kind: "login" },
    content: {
      utf8: '{"service":"https://example.org","username":"m\u00fcller","password":"\\"\\\\ \u{1f511}"}',
    },
  },
  {
    name: "contact",
    meta: { kind: "contact" },
    content: { utf8: '{"name":"Ada","email":"ada@example.org","phone":"+41 44 000 00 00"}' },
  },
  {
    name: "files, one of them empty",
    meta: {
      kind: "files",
      files: [
        { name: '\u00fcber "uns" \u2028.txt', type: "text/plain", size: 5 },
        { name: "empty", type: "", size: 0 },
        { name: "\u{1f98b}.bin", type: "application/octet-stream", size: 3 },
      ],
    },
    content: { utf8: "hello\u0000\u0001\u0002" },
  },
  { name: "text under a passphrase", keys: "passphrase, NFC", meta: text, content: { utf8: "hush" } },
  {
    name: "text under the same passphrase in NFD",
    keys: "passphrase, NFD: the same keys",
    meta: text,
    content: { utf8: "hush" },
  },
  { name: "one chunk less one", meta: text, content: pattern(textAround(65_536) - 1) },
  { name: "one chunk", meta: text, content: pattern(textAround(65_536)) },
  { name: "one chunk and one", meta: text, content: pattern(textAround(65_536) + 1) },
  { name: "two chunks less one", meta: text, content: pattern(textAround(131_072) - 1) },
  { name: "two chunks", meta: text, content: pattern(textAround(131_072)) },
  { name: "two chunks and one", meta: text, content: pattern(textAround(131_072) + 1) },
  { name: "three chunks", meta: text, content: pattern(textAround(196_608)) },
  { name: "three other chunks", meta: text, content: { repeat: "c0ffee", length: textAround(196_608) } },
  {
    name: "file over several chunks",
    meta: {
      kind: "files",
      files: [{ name: "large.bin", type: "application/octet-stream", size: 1_000_000 }],
    },
    content: pattern(1_000_000),
  },
];

/** The seed of the link vectors' manage codes, another, and bytes that also serve as a token. */
const manageSeeds: [string, string][] = [
  ["manage seed", "manage seed"],
  ["other manage seed", "other manage seed"],
  ["manage seed of the same bytes as a token", "token of plain"],
];

function manageVector([name, bytes]: [string, string]): ManageVector {
  const seed = namedBytes(bytes);
  const token = deriveManageToken(seed);
  return {
    name,
    seed: toHex(seed),
    manageToken: toHex(token),
    manageVerifier: toHex(verifierOf(token)),
  };
}

async function makeKeys(
  name: string,
  token: Uint8Array,
  passphrase: string | null,
): Promise<[KeysVector, Keys]> {
  const salt = passphraseSalt(token);
  const passwordKey = passphrase === null ? undefined : await stretchPassphrase(passphrase, salt);
  const keys = deriveKeys(token, passwordKey);
  const proof = keys.passphraseProof;
  const vector: KeysVector = {
    name,
    token: toHex(token),
    passphrase,
    passphraseSalt: toHex(salt),
    passwordKey: passwordKey ? toHex(passwordKey) : null,
    root: toHex(rootOf(keys)),
    linkProof: toHex(keys.linkProof),
    linkVerifier: toHex(verifierOf(keys.linkProof)),
    passphraseProof: proof ? toHex(proof) : null,
    passphraseVerifier: proof ? toHex(verifierOf(proof)) : null,
  };
  return [vector, keys];
}

function makeEnvelope({ name, keys: keysName = "plain", meta, content }: EnvelopeToMake, keys: Keys): Made {
  const bytes = bytesOf(content);
  const nonce = namedBytes(`nonce of ${name}`, 24);
  const envelope = sealWhole(createSealerWithNonce(meta, bytes.length, keys, nonce), bytes);
  const vector: EnvelopeVector = {
    name,
    keys: keysName,
    nonce: toHex(nonce),
    meta,
    metaText: new TextDecoder().decode(encodeMeta(meta, bytes.length)),
    content,
    commitment: toHex(envelope.subarray(30, 62)),
    length: envelope.length,
    sha256: toHex(sha256(envelope)),
  };
  if (envelope.length <= 1_000) vector.envelope = toHex(envelope);
  return { vector, keys, envelope };
}

/** Every vector file's content, the same at each call. Takes seconds: scrypt. */
export async function generateVectors(): Promise<Vectors> {
  const keys = new Map<string, Keys>();
  const good: KeysVector[] = [];
  for (const { name, token = name, passphrase } of keysToMake) {
    const [vector, made] = await makeKeys(name, namedBytes(`token of ${token}`), passphrase);
    good.push(vector);
    keys.set(name, made);
  }
  const made = envelopesToMake.map((wanted) =>
    makeEnvelope(wanted, keys.get(wanted.keys ?? "plain") as Keys),
  );
  const byName = new Map(made.map((one) => [one.vector.name, one]));
  return {
    keys: { good, manage: manageSeeds.map(manageVector), refused: refusedPassphrases },
    links: generateLinks(),
    envelopes: made.map(({ vector }) => vector),
    unknowns: generateUnknowns(keys.get("plain") as Keys, byName.get("text") as Made),
    refusals: generateRefusals(keys, byName),
  };
}

/** A vector file's text: one vector a line, so that a change of one shows as one line. */
export function vectorText(file: object): string {
  const rows = (list: readonly unknown[]) => `[\n${list.map((row) => JSON.stringify(row)).join(",\n")}\n]`;
  if (Array.isArray(file)) return `${rows(file)}\n`;
  const lists = Object.entries(file).map(([name, list]) => `${JSON.stringify(name)}: ${rows(list)}`);
  return `{\n${lists.join(",\n")}\n}\n`;
}
