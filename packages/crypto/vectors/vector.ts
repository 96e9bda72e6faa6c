import type { CryptoReason, LinkKind, SecretMeta } from "../src/index.ts";

// The shape of the JSON files in this folder. Bytes are hex, unless a field says otherwise.

/** Bytes by rule, so that large bodies stay small in the files. `repeat` is cut at `length`. */
export type BytesRule = { hex: string } | { utf8: string } | { repeat: string; length: number };

/** A text, or a unit that stands `times` over. */
export type TextRule = string | { unit: string; times: number };

/** Everything that a token and a passphrase (null: none) give. */
export interface KeysVector {
  name: string;
  token: string;
  passphrase: string | null;
  passphraseSalt: string;
  /** Of a passphrase only. */
  passwordKey: string | null;
  root: string;
  linkProof: string;
  linkVerifier: string;
  passphraseProof: string | null;
  passphraseVerifier: string | null;
}

/** What a manage link's seed gives. */
export interface ManageVector {
  name: string;
  seed: string;
  manageToken: string;
  manageVerifier: string;
}

export interface PassphraseRefusal {
  name: string;
  passphrase: TextRule;
  reason: CryptoReason;
}

export interface CodeVector {
  name: string;
  kind: LinkKind;
  hasPassphrase: boolean;
  id: string;
  secret: string;
  code: string;
}

export interface CodeRefusal {
  name: string;
  code: string;
  reason: CryptoReason;
}

/** What readLink finds in a text. */
export type PastedVector = { name: string; pasted: string } & (
  | { code: string; repaired: boolean; sawServer: boolean }
  | { reason: CryptoReason }
);

export interface EnvelopeVector {
  name: string;
  /** The name of a KeysVector. */
  keys: string;
  nonce: string;
  meta: SecretMeta;
  /** The meta exactly as it stands in the payload. */
  metaText: string;
  content: BytesRule;
  commitment: string;
  length: number;
  sha256: string;
  /** All of the envelope, where it is short. */
  envelope?: string;
}

/** One piece of an envelope that no sealer makes; the pieces, joined, are the envelope. */
export type Piece =
  | BytesRule
  /** A slice of a good envelope; from 0, `to` excluded. */
  | { of: string; from: number; to: number }
  /** The right commitment for the header that stands before it. */
  | { commitment: true }
  /** A chunk sealed under the right key for the header at the beginning. */
  | { box: { index: number; final: boolean; plain: BytesRule[] } };

/** An envelope whose meta is of no known form: its kind is "unknown", and its content is given. */
export interface UnknownVector {
  name: string;
  /** The name of a KeysVector. */
  keys: string;
  pieces: Piece[];
  content: BytesRule;
  length: number;
  sha256: string;
}

export interface EnvelopeRefusal {
  name: string;
  /** The name of a KeysVector: the keys of building. */
  keys: string;
  /** The keys of opening, where they are others. */
  openedWith?: string;
  pieces: Piece[];
  length: number;
  sha256: string;
  reason: CryptoReason;
}

/** All vector files, by file name without `.json`. */
export interface Vectors {
  keys: { good: KeysVector[]; manage: ManageVector[]; refused: PassphraseRefusal[] };
  links: { good: CodeVector[]; refused: CodeRefusal[]; pasted: PastedVector[] };
  envelopes: EnvelopeVector[];
  unknowns: UnknownVector[];
  refusals: EnvelopeRefusal[];
}
