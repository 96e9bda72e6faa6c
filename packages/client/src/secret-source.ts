import type { Secret, SecretMeta } from "@mayfly/crypto";

/** Streamed content, never held whole. */
export interface ContentStream {
  /** The length in bytes, known before reading. */
  readonly length: number;
  /**
   * Yields the content in pieces of any size. After an abort the iterator ends or throws the signal's reason.
   */
  read(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** A secret to protect: held whole, or with content that is read while it is sealed. */
export type SecretSource = Secret | { meta: SecretMeta; content: ContentStream };
