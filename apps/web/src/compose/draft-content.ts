import type { SecretSource } from "@mayfly/client";
import type { DraftKind } from "./draft-kind.ts";
import { type MessageContent, message } from "./message.ts";

/** What is being written. Another kind adds a file like `message.ts`, a member here and a row below. */
export type DraftContent = MessageContent;

const kinds: { [Kind in DraftContent["kind"]]: DraftKind<Extract<DraftContent, { kind: Kind }>> } = {
  message,
};

export const emptyContent: DraftContent = message.empty;

export function isEmptyContent(content: DraftContent): boolean {
  return kinds[content.kind].isEmpty(content);
}

/** What is sealed. Throws CryptoError for content that cannot be. */
export function sourceOf(content: DraftContent): SecretSource {
  return kinds[content.kind].source(content);
}
