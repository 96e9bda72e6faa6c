import type { Bytes, OpenedMeta } from "@mayfly/crypto";

/**
 * A destination for a secret too large to hold, such as a temporary file. Each call is awaited before the
 * next. Every piece written is verified, but the whole is verified only when `commit` is called. Until then
 * show nothing to anybody, and write nothing where it could be taken for the secret.
 */
export interface Sink {
  /**
   * Called before anything is written: what comes, and how many bytes. Again only after `abort`, by another
   * try. The kind "unknown" is taken as bytes, or refused by throwing: then nothing is acknowledged.
   */
  begin?(meta: OpenedMeta, length: number): void | Promise<void>;
  /** The next bytes of the content. The sink owns the array. */
  write(bytes: Bytes): void | Promise<void>;
  /**
   * The whole is verified: move it into place, flushed to disk. The service destroys its copy only
   * afterwards.
   */
  commit?(): void | Promise<void>;
  /** Opening failed after `begin`: destroy what was written. Errors thrown here are ignored. */
  abort?(reason: unknown): void | Promise<void>;
}
