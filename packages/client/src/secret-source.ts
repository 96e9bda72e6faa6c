import type { Secret, SecretMeta } from "@mayfly/crypto";

/** Content that comes piece by piece, and is never held whole. */
export interface ContentStream {
  /** Bytes in all, known before the first of them is read. */
  readonly length: number;
  /** The content from its beginning, in pieces of any size. Ends, or throws the signal's reason, when that is aborted. */
  read(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** What can be protected: a secret held whole, or one whose content is read while it is being sealed. */
export type SecretSource = Secret | { meta: SecretMeta; content: ContentStream };
