import { CryptoError, type FileMeta, type OpenedSecret } from "@mayfly/crypto";
import type { SecretSource } from "./secret-source.ts";

/** A file to be protected: a browser's `File` is one; so is a path's `fs.openAsBlob`, with a name put beside it. */
export interface FileSource {
  /** A plain name, never a path; 1 … 255 bytes of UTF-8. */
  name: string;
  /** Media type; "" or absent where it is not known. */
  type?: string;
  /** Bytes. Protecting fails with CryptoError `content_length` when the stream gives more or fewer. */
  size: number;
  /** Its bytes from the beginning; called once, when its turn has come. */
  stream(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** One file of an opened secret. */
export interface OpenedFile extends FileMeta {
  bytes: Uint8Array<ArrayBuffer>;
}

/** A secret of one or more files, which are read while they are sealed, one after the other. */
export function filesSecret(files: Iterable<FileSource>): SecretSource {
  const sources = [...files];
  const metas = sources.map(({ name, type = "", size }) => ({ name, type, size }));
  return {
    meta: { kind: "files", files: metas },
    content: {
      length: metas.reduce((total, { size }) => total + size, 0),
      async *read(signal) {
        for (const source of sources) {
          let left = source.size;
          for await (const piece of piecesOf(source.stream(), signal)) {
            left -= piece.length;
            if (left < 0) break;
            yield piece;
          }
          // The sum may be right though the files are not.
          if (left !== 0) throw new CryptoError("content_length");
        }
      },
    },
  };
}

/** The files of an opened secret, as views of its content; null when it is of another kind. */
export function filesOf(secret: OpenedSecret): OpenedFile[] | null {
  let at = 0;
  return (
    secret.meta.files?.map((file) => {
      const from = at;
      at += file.size;
      return { ...file, bytes: secret.content.subarray(from, at) };
    }) ?? null
  );
}

/** The pieces of a stream, which is told to stop when they are wanted no longer or the signal is aborted. */
async function* piecesOf(
  stream: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const source = "getReader" in stream ? fromReader(stream.getReader()) : stream[Symbol.asyncIterator]();
  let stop = () => {};
  const onAbort = () => stop();
  signal?.addEventListener("abort", onAbort);
  try {
    for (;;) {
      signal?.throwIfAborted();
      // A stream may never give another piece. (Promise.race against one promise for all would hold every piece.)
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        stop = () => reject(signal?.reason);
        source.next().then(resolve, reject);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Not waited for: what hangs in its reading may hang in its closing.
    source.return?.()?.then(undefined, () => {});
  }
}

// Not every browser iterates over a ReadableStream.
function fromReader(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncIterator<Uint8Array> {
  return {
    async next() {
      const { done, value } = await reader.read();
      return done ? { done, value: undefined } : { done, value };
    },
    async return() {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}
