import type { SecretSource } from "@mayfly/client";

/** What the sender's page needs to know of one kind of content. */
export interface DraftKind<Content> {
  empty: Content;
  isEmpty(content: Content): boolean;
  /** What is sealed. Throws CryptoError for content that cannot be. */
  source(content: Content): SecretSource;
}
