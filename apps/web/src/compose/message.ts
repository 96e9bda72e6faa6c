import { textSecret } from "@mayfly/client";
import type { DraftKind } from "./draft-kind.ts";

/** A text. */
export interface MessageContent {
  kind: "message";
  text: string;
}

export const message: DraftKind<MessageContent> = {
  empty: { kind: "message", text: "" },
  isEmpty: ({ text }) => text === "",
  source: ({ text }) => textSecret(text),
};
