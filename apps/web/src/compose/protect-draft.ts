import type { Connection, protect } from "@mayfly/client";
import { CryptoError, checkPassphrase, envelopeLength } from "@mayfly/crypto";
import { ENVELOPE_BYTES, type Service } from "@mayfly/wire";
import { type Fault, faultOf } from "../fault.ts";
import { type ComposeEvent, type Draft, lifetimeOf } from "./compose-machine.ts";
import { isEmptyContent, sourceOf } from "./draft-content.ts";

/** What is wrong with a draft, found before anything is sent; null when nothing is. */
export function faultOfDraft(draft: Draft, limits: Service["limits"] | undefined): Fault | null {
  if (isEmptyContent(draft.content)) return { code: "empty" };
  try {
    if (draft.passphrase !== "") checkPassphrase(draft.passphrase);
    const { meta, content } = sourceOf(draft.content);
    const bytes = envelopeLength(content.length, meta);
    const limit = limits?.envelopeBytes ?? ENVELOPE_BYTES.max;
    return bytes > limit ? { code: "over_limit", bytes: content.length, limit } : null;
  } catch (error) {
    if (error instanceof CryptoError) return faultOf(error);
    throw error;
  }
}

interface ProtectContext {
  connection: Connection;
  limits: Service["limits"] | undefined;
  /** Resolves when the page can seal and show a link; awaited before the service is asked for anything. */
  ready(): Promise<typeof protect>;
  tell(event: ComposeEvent): void;
}

/** Seals a draft and deposits it, telling each step. Never rejects. */
export async function protectDraft(
  draft: Draft,
  { connection, limits, ready, tell }: ProtectContext,
): Promise<void> {
  const fault = faultOfDraft(draft, limits);
  if (fault) return tell({ type: "refused", fault });
  tell({ type: "started" });
  try {
    const seal = await ready();
    const made = await seal(connection, sourceOf(draft.content), {
      lifetime: lifetimeOf(draft, limits),
      reads: draft.reads,
      ...(draft.passphrase !== "" && { passphrase: draft.passphrase }),
      onProgress: (progress) => tell({ type: "progressed", progress }),
    });
    tell({ type: "protected", made });
  } catch (error) {
    tell({ type: "failed", error });
  }
}
