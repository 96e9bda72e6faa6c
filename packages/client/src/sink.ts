import type { Bytes, OpenedMeta } from "@mayfly/crypto";

/**
 * Where a secret goes that is too large to be held whole: a temporary file, say. Each call is awaited before the next.
 * What is written has verified as far as it goes; that it is whole, and the secret, is true only when `commit` is called.
 * Until then nothing of it may be shown to anybody or stand where it could be taken for the secret.
 */
export interface Sink {
  /**
   * Called before anything is written: what comes, and how many bytes. Again only after `abort`, by another try. The kind
   * "unknown" is taken as bytes, or refused by throwing: then nothing is acknowledged.
   */
  begin?(meta: OpenedMeta, length: number): void | Promise<void>;
  /** The next bytes of the content; the sink's own from now on. */
  write(bytes: Bytes): void | Promise<void>;
  /** All has verified: put it where it belongs, and to disk. The service is told to destroy it only afterwards. */
  commit?(): void | Promise<void>;
  /** What has begun will not be committed, or not wholly: destroy what was written. What this throws is not told. */
  abort?(reason: unknown): void | Promise<void>;
}
