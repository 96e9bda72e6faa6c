import { type Bytes, utf8 } from "./bytes.ts";
import { chunkLength } from "./chunk.ts";
import { CryptoError } from "./crypto-error.ts";

/** Bytes before the meta: its length (u32), and the content's (u64). */
export const lengthsLength = 12;
// Both lengths and the meta stand in chunk 0 whole, so an opener knows everything once that has verified.
const longestMeta = chunkLength - lengthsLength;
// Path separators, controls, and the marks that turn "exe.txt" around: a name is shown and saved on another machine.
const notInNames = /[\p{Cc}/\\\u202a-\u202e\u2066-\u2069]/u;
const mediaType = /^[\x20-\x7e]{0,127}$/;

/** One file: its bytes stand in the content, in the order of the list. */
export interface FileMeta {
  /** A plain name, 1 … 255 bytes of UTF-8, never a path. */
  name: string;
  /** The media type as the sender's platform told it, or "". Never to be trusted. */
  type: string;
  /** Bytes. */
  size: number;
}

/** What a secret is. `files` is there for the kind "files", with at least one, and for no other. */
export interface SecretMeta {
  kind: "text" | "login" | "contact" | "files";
  files?: FileMeta[];
}

/** What an opened secret is. "unknown": its meta is of no form that is known here; its content is all the same whole. */
export interface OpenedMeta extends Omit<SecretMeta, "kind"> {
  kind: SecretMeta["kind"] | "unknown";
}

/** The meta as it stands in the payload, checked. Throws CryptoError "meta" or, when sizes disagree, "content_length". */
export function encodeMeta(meta: SecretMeta, contentLength: number): Bytes {
  if (!Number.isSafeInteger(contentLength) || contentLength < 0) throw new CryptoError("content_length");
  const text = canonical(meta);
  if (meta.files && totalSize(meta.files) !== contentLength) throw new CryptoError("content_length");
  const bytes = utf8(text);
  if (bytes.length > longestMeta) throw new CryptoError("meta");
  return bytes;
}

/**
 * What an envelope says of its content of `contentLength` bytes. Of the kind "unknown" unless it is the one form that
 * encodeMeta gives; never throws.
 */
export function decodeMeta(bytes: Uint8Array, contentLength: number): OpenedMeta {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const { kind, files } = JSON.parse(text) as SecretMeta;
    const meta: SecretMeta = files === undefined ? { kind } : { kind, files };
    // Writing it again finds unknown and repeated fields, other orders, blanks and loose numbers in one comparison.
    if (canonical(meta) === text && (!files || totalSize(files) === contentLength)) return meta;
  } catch {
    // Not UTF-8, not JSON, or not of this shape: all the same to the caller.
  }
  return { kind: "unknown" };
}

function canonical({ kind, files }: SecretMeta): string {
  if (kind === "files") {
    if (!Array.isArray(files) || files.length === 0 || !files.every(isFile)) throw new CryptoError("meta");
    return JSON.stringify({ kind, files: files.map(({ name, type, size }) => ({ name, type, size })) });
  }
  const known = kind === "text" || kind === "login" || kind === "contact";
  if (!known || files !== undefined) throw new CryptoError("meta");
  return JSON.stringify({ kind });
}

function isFile({ name, type, size }: FileMeta): boolean {
  return typeof type === "string" && mediaType.test(type) && isSize(size) && isPlainName(name);
}

function isPlainName(name: string): boolean {
  const plain = typeof name === "string" && name.isWellFormed() && !notInNames.test(name);
  return plain && name !== "" && name !== "." && name !== ".." && utf8(name).length <= 255;
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0;
}

function totalSize(files: readonly FileMeta[]): number {
  return files.reduce((total, file) => total + file.size, 0);
}
