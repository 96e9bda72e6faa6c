import { CryptoError, type FileMeta, type OpenedSecret } from "@mayfly/crypto";
import type { SecretSource } from "./secret-source.ts";

/** A file to protect: a browser's `File`, or a `Blob` of Node's `fs.openAsBlob` with a name added. */
export interface FileSource {
  /** A plain name, never a path; 1 … 255 bytes of UTF-8. */
  name: string;
  /** Media type; "" or absent if unknown. */
  type?: string;
  /** Bytes. Protecting fails with CryptoError `content_length` when the stream gives more or fewer. */
  size: number;
  /** Streams the file's bytes from the beginning. Called once. */
  stream(): ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** One file of an opened secret. */
export interface OpenedFile extends FileMeta {
  bytes: Uint8Array<ArrayBuffer>;
}

/** Makes a secret of one or more files. The files are read one after the other while they are sealed. */
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
          // Each file is checked, because the sum of wrong sizes may still be right.
          if (left !== 0) throw new CryptoError("content_length");
        }
      },
    },
  };
}

/** The files of an opened secret, as views of its content; null for another kind. */
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

/** Yields a stream's pieces. Cancels the stream when the caller stops or the signal is aborted. */
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
      // The abort must end a read that never settles. A Promise.race with one long-lived promise would leak
      // every piece.
      const next = await new Promise<IteratorResult<Uint8Array>>((resolve, reject) => {
        stop = () => reject(signal?.reason);
        source.next().then(resolve, reject);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal?.removeEventListener("abort", onAbort);
    // Not awaited: a stream that hangs in reading may hang in closing too.
    source.return?.()?.then(undefined, () => {});
  }
}

// Not every browser supports async iteration of a ReadableStream.
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
