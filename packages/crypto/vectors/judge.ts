import { sha256 } from "@noble/hashes/sha2.js";
import { sealWhole } from "../src/envelope.ts";
import {
  CryptoError,
  checkPassphrase,
  createOpener,
  decodeLinkCode,
  deriveKeys,
  deriveManageToken,
  encodeLinkCode,
  envelopeLength,
  type Keys,
  type OpenedMeta,
  openEnvelope,
  passphraseSalt,
  readLink,
  verifierOf,
} from "../src/index.ts";
import { rootOf } from "../src/keys.ts";
import { stretchPassphrase } from "../src/passphrase.ts";
import { createSealerWithNonce } from "../src/sealer.ts";
import { buildEnvelope, bytesOf, fromHex, textOf, toHex } from "./pieces.ts";
import type { EnvelopeVector, KeysVector, UnknownVector, Vectors } from "./vector.ts";

// For tests of other packages that need an envelope which is to be refused.
export { buildEnvelope, fromHex } from "./pieces.ts";
export type { Piece } from "./vector.ts";

/** One thing that came out otherwise than a vector says. */
export interface Failure {
  vector: string;
  what: string;
  expected: unknown;
  actual: unknown;
}

/** How the vectors fared: `failures` is empty when the code is right. */
export interface Verdict {
  passed: number;
  failures: Failure[];
}

// Never a divisor of a chunk, so that every boundary falls inside some part.
const oddPart = 997;

/**
 * Holds this package against its vectors. Pure: needs neither files nor Node, so that the same judge runs in Node, in
 * browsers and in workers. `vectors` is the parsed JSON of this folder. Takes some seconds, most of them scrypt.
 */
export async function judge(vectors: Vectors): Promise<Verdict> {
  const verdict: Verdict = { passed: 0, failures: [] };

  function expect(vector: string, what: string, actual: unknown, expected: unknown): void {
    if (JSON.stringify(actual) === JSON.stringify(expected)) verdict.passed++;
    else verdict.failures.push({ vector, what, expected, actual });
  }

  const keys = new Map<string, Keys>();
  for (const vector of vectors.keys.good) keys.set(vector.name, await judgeKeys(vector));
  for (const { name, passphrase, reason } of vectors.keys.refused) {
    expect(
      name,
      "check",
      reasonOf(() => checkPassphrase(textOf(passphrase))),
      reason,
    );
    expect(
      name,
      "stretch",
      await reasonOfPromise(stretchPassphrase(textOf(passphrase), new Uint8Array(32))),
      reason,
    );
  }
  for (const { name, seed, manageToken, manageVerifier } of vectors.keys.manage) {
    const token = deriveManageToken(fromHex(seed));
    expect(name, "manageToken", toHex(token), manageToken);
    expect(name, "manageVerifier", toHex(verifierOf(token)), manageVerifier);
  }
  judgeLinks();

  const envelopes = new Map<string, Uint8Array>();
  for (const vector of vectors.envelopes) envelopes.set(vector.name, judgeEnvelope(vector));
  for (const vector of vectors.unknowns) judgeUnknown(vector);
  for (const { name, keys: made, openedWith, pieces, length, sha256: hash, reason } of vectors.refusals) {
    const envelope = buildEnvelope(pieces, known(keys, made), (good) => known(envelopes, good));
    expect(name, "length", envelope.length, length);
    expect(name, "sha256", toHex(sha256(envelope)), hash);
    const opening = known(keys, openedWith ?? made);
    expect(
      name,
      "open",
      reasonOf(() => openEnvelope(envelope, opening)),
      reason,
    );
    expect(
      name,
      "open in parts",
      reasonOf(() => openInParts(envelope, opening)),
      reason,
    );
  }
  return verdict;

  async function judgeKeys(vector: KeysVector): Promise<Keys> {
    const { name } = vector;
    const token = fromHex(vector.token);
    const salt = passphraseSalt(token);
    expect(name, "passphraseSalt", toHex(salt), vector.passphraseSalt);
    const passwordKey =
      vector.passphrase === null ? undefined : await stretchPassphrase(vector.passphrase, salt);
    expect(name, "passwordKey", hexOrNull(passwordKey), vector.passwordKey);
    const made = deriveKeys(token, passwordKey);
    expect(name, "root", toHex(rootOf(made)), vector.root);
    expect(name, "linkProof", toHex(made.linkProof), vector.linkProof);
    expect(name, "linkVerifier", toHex(verifierOf(made.linkProof)), vector.linkVerifier);
    expect(name, "passphraseProof", hexOrNull(made.passphraseProof), vector.passphraseProof);
    const verifier = made.passphraseProof && verifierOf(made.passphraseProof);
    expect(name, "passphraseVerifier", hexOrNull(verifier), vector.passphraseVerifier);
    return made;
  }

  function judgeLinks(): void {
    for (const { name, kind, hasPassphrase, id, secret, code } of vectors.links.good) {
      const content = { kind, hasPassphrase, id: fromHex(id), secret: fromHex(secret) };
      expect(name, "encode", encodeLinkCode(content), code);
      expect(name, "decode", decodeLinkCode(code), content);
    }
    for (const { name, code, reason } of vectors.links.refused) {
      expect(
        name,
        "decode",
        reasonOf(() => decodeLinkCode(code)),
        reason,
      );
    }
    for (const vector of vectors.links.pasted) {
      if ("reason" in vector) {
        expect(
          vector.name,
          "read",
          reasonOf(() => readLink(vector.pasted)),
          vector.reason,
        );
        continue;
      }
      const { code, repaired, sawServer } = readLink(vector.pasted);
      const expected = { code: vector.code, repaired: vector.repaired, sawServer: vector.sawServer };
      expect(vector.name, "read", { code: encodeLinkCode(code), repaired, sawServer }, expected);
    }
  }

  function judgeEnvelope(vector: EnvelopeVector): Uint8Array {
    const { name, meta } = vector;
    const content = bytesOf(vector.content);
    const own = known(keys, vector.keys);
    const sealer = () => createSealerWithNonce(meta, content.length, own, fromHex(vector.nonce));
    expect(name, "envelopeLength", envelopeLength(content.length, meta), vector.length);
    const envelope = sealWhole(sealer(), content);
    expect(name, "length", envelope.length, vector.length);
    expect(name, "sha256", toHex(sha256(envelope)), vector.sha256);
    expect(name, "commitment", toHex(envelope.subarray(30, 62)), vector.commitment);
    if (vector.envelope) expect(name, "envelope", toHex(envelope), vector.envelope);
    const inParts = sealer();
    const pieces = [...inOddParts(content, inParts.push), ...inParts.finish()];
    expect(name, "sealed in parts", hashOf(pieces), vector.sha256);
    judgeOpening(name, envelope, own, { meta, content });
    return envelope;
  }

  function judgeUnknown({ name, keys: made, pieces, length, sha256: hash, content }: UnknownVector): void {
    const own = known(keys, made);
    const envelope = buildEnvelope(pieces, own, (good) => known(envelopes, good));
    expect(name, "length", envelope.length, length);
    expect(name, "sha256", toHex(sha256(envelope)), hash);
    judgeOpening(name, envelope, own, { meta: { kind: "unknown" }, content: bytesOf(content) });
  }

  function judgeOpening(
    name: string,
    envelope: Uint8Array,
    own: Keys,
    { meta, content }: { meta: OpenedMeta; content: Uint8Array },
  ): void {
    const opened = openEnvelope(envelope, own);
    expect(name, "meta", opened.meta, meta);
    expect(name, "content", hashOf([opened.content]), hashOf([content]));
    const reopened = openInParts(envelope, own);
    expect(name, "meta in parts", reopened.meta, meta);
    expect(name, "content in parts", hashOf(reopened.pieces), hashOf([content]));
  }
}

function openInParts(envelope: Uint8Array, keys: Keys) {
  const opener = createOpener(keys, envelope.length);
  const pieces = inOddParts(envelope, opener.push);
  return { meta: opener.finish(), pieces };
}

function inOddParts(bytes: Uint8Array, push: (part: Uint8Array) => Uint8Array[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += oddPart) pieces.push(...push(bytes.slice(at, at + oddPart)));
  return pieces;
}

function hashOf(pieces: readonly Uint8Array[]): string {
  const hash = sha256.create();
  for (const piece of pieces) hash.update(piece);
  return toHex(hash.digest());
}

function hexOrNull(bytes: Uint8Array | undefined): string | null {
  return bytes ? toHex(bytes) : null;
}

function known<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Error(`no vector is named ${name}`);
  return value;
}

function reasonOf(attempt: () => unknown): string {
  try {
    attempt();
    return "accepted";
  } catch (error) {
    return nameOf(error);
  }
}

function reasonOfPromise(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(() => "accepted", nameOf);
}

function nameOf(error: unknown): string {
  return error instanceof CryptoError ? error.reason : `thrown by accident: ${error}`;
}
