import { type Bytes, utf8 } from "./bytes.ts";
import { chunkLength } from "./chunk.ts";
import { CryptoError } from "./crypto-error.ts";

/** Bytes before the meta: the length of the meta (u32) and of the content (u64). */
export const lengthsLength = 12;
// The lengths and the meta fit in chunk 0, so an opener knows them as soon as chunk 0 has authenticated.
const longestMeta = chunkLength - lengthsLength;
// Path separators, control characters and bidi marks, which can show "txt.exe" as "exe.txt": a reader may
// save the name.
const notInNames = /[\p{Cc}/\\\u202a-\u202e\u2066-\u2069]/u;
const mediaType = /^[\x20-\x7e]{0,127}$/;

/** One file. The content holds the bytes of all files, in the order of the list. */
export interface FileMeta {
  /** A plain name of 1 to 255 bytes of UTF-8, never a path. */
  name: string;
  /** The media type that the sender's platform gave, or "". Not to be trusted. */
  type: string;
  /** Bytes. */
  size: number;
}

/** A secret's kind. `files` is present for the kind "files" only, with at least one file. */
export interface SecretMeta {
  kind: "text" | "login" | "contact" | "files";
  files?: FileMeta[];
}

/**
 * What an opened secret is. "unknown": its meta is of no form that is known here; its content is all the same
 * whole.
 */
export interface OpenedMeta extends Omit<SecretMeta, "kind"> {
  kind: SecretMeta["kind"] | "unknown";
}

/**
 * Checks and encodes a meta. Throws CryptoError "meta", or "content_length" unless the sizes add up to
 * `contentLength`.
 */
export function encodeMeta(meta: SecretMeta, contentLength: number): Bytes {
  if (!Number.isSafeInteger(contentLength) || contentLength < 0) throw new CryptoError("content_length");
  const text = canonical(meta);
  if (meta.files && totalSize(meta.files) !== contentLength) throw new CryptoError("content_length");
  const bytes = utf8(text);
  if (bytes.length > longestMeta) throw new CryptoError("meta");
  return bytes;
}

/**
 * What an envelope says of its content of `contentLength` bytes. Of the kind "unknown" unless it is the one
 * form that encodeMeta gives; never throws.
 */
export function decodeMeta(bytes: Uint8Array, contentLength: number): OpenedMeta {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const { kind, files } = JSON.parse(text) as SecretMeta;
    const meta: SecretMeta = files === undefined ? { kind } : { kind, files };
    // One comparison finds unknown and repeated fields, another order, white space and other forms of a
    // number.
    if (canonical(meta) === text && (!files || totalSize(files) === contentLength)) return meta;
  } catch {
    // Not UTF-8, not JSON, or of another shape: unknown.
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
