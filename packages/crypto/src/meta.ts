import { type Bytes, utf8 } from "./bytes.ts";
import { chunkLength } from "./chunk.ts";
import { CryptoError } from "./crypto-error.ts";

// The u32 length and the meta stand in chunk 0 whole, so an opener knows everything once that has verified.
const longestMeta = chunkLength - 4;
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

/** The meta as it stands in the payload, checked. Throws CryptoError "meta" or, when sizes disagree, "content_length". */
export function encodeMeta(meta: SecretMeta, contentLength: number): Bytes {
  if (!Number.isSafeInteger(contentLength) || contentLength < 0) throw new CryptoError("content_length");
  const text = canonical(meta, contentLength);
  if (meta.files && totalSize(meta.files) !== contentLength) throw new CryptoError("content_length");
  const bytes = utf8(text);
  if (bytes.length > longestMeta) throw new CryptoError("meta");
  return bytes;
}

/** What an envelope says of its content. Throws CryptoError "meta" unless it is the one form that encodeMeta gives. */
export function decodeMeta(bytes: Uint8Array): { meta: SecretMeta; contentLength: number } {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const { kind, size, files } = JSON.parse(text) as {
      kind: SecretMeta["kind"];
      size: number;
      files?: FileMeta[];
    };
    const meta: SecretMeta = files === undefined ? { kind } : { kind, files };
    const contentLength = files === undefined ? size : totalSize(files);
    // Writing it again refuses unknown and repeated fields, other orders, blanks and loose numbers in one comparison.
    if (isSize(contentLength) && canonical(meta, contentLength) === text) return { meta, contentLength };
  } catch {
    // Not UTF-8, not JSON, or not of this shape: all the same to the caller.
  }
  throw new CryptoError("meta");
}

function canonical(meta: SecretMeta, contentLength: number): string {
  const { kind, files } = meta;
  if (kind === "files") {
    if (!Array.isArray(files) || files.length === 0 || !files.every(isFile)) throw new CryptoError("meta");
    return JSON.stringify({ kind, files: files.map(({ name, type, size }) => ({ name, type, size })) });
  }
  const known = kind === "text" || kind === "login" || kind === "contact";
  if (!known || files !== undefined) throw new CryptoError("meta");
  return JSON.stringify({ kind, size: contentLength });
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
