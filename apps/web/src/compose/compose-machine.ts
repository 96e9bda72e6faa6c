import type { Links, Protected, ProtectProgress } from "@mayfly/client";
import type { Service } from "@mayfly/wire";
import { type Fault, faultOf } from "../fault.ts";
import { type DraftContent, emptyContent, isEmptyContent } from "./draft-content.ts";
import { choicesOf } from "./limits.ts";

/** What the sender has typed and chosen. `lifetime` undefined: the service's own default. */
export interface Draft {
  content: DraftContent;
  lifetime?: number;
  reads: number | "unlimited";
  /** "" for none. Blanks count. */
  passphrase: string;
  /** The passphrase that this page last suggested. */
  suggested?: string;
}

/** Where a link's passphrase comes from. Only a suggested one is shown again: perhaps nobody has written it down. */
export type PassphraseUse = { kind: "none" | "typed" } | { kind: "suggested"; passphrase: string };

/** The sender's page. A draft survives every fault. The page forgets the message once its link works. */
export type ComposeState =
  | { step: "editing"; draft: Draft; fault?: Fault }
  | { step: "working"; draft: Draft; progress?: ProtectProgress }
  | { step: "ready"; made: Protected; reads: Draft["reads"]; passphrase: PassphraseUse };

export type ComposeEvent =
  | { type: "edited"; change: Partial<Draft> }
  | { type: "refused"; fault: Fault }
  | { type: "started" }
  | { type: "progressed"; progress: ProtectProgress }
  | { type: "protected"; made: Protected }
  | { type: "failed"; error: unknown }
  | { type: "recovered" }
  | { type: "restarted" };

const emptyDraft: Draft = { content: emptyContent, reads: 1, passphrase: "" };
export const startCompose: ComposeState = { step: "editing", draft: emptyDraft };

export function composeStep(state: ComposeState, event: ComposeEvent): ComposeState {
  if (event.type === "restarted") return startCompose;
  if (state.step === "ready") return state;
  const { draft } = state;
  if (state.step === "editing") {
    if (event.type === "edited") return { step: "editing", draft: { ...draft, ...event.change } };
    if (event.type === "refused") return { step: "editing", draft, fault: event.fault };
    if (event.type === "recovered")
      return state.fault?.code === "halted" ? { step: "editing", draft } : state;
    return event.type === "started" ? { step: "working", draft } : state;
  }
  if (event.type === "progressed") return { step: "working", draft, progress: event.progress };
  if (event.type === "failed") return { step: "editing", draft, fault: faultOf(event.error) };
  if (event.type !== "protected") return state;
  return { step: "ready", made: event.made, reads: draft.reads, passphrase: passphraseUse(draft) };
}

function passphraseUse({ passphrase, suggested }: Draft): PassphraseUse {
  if (passphrase === "") return { kind: "none" };
  return passphrase === suggested ? { kind: "suggested", passphrase } : { kind: "typed" };
}

/** Whether leaving the page now loses the message. The view of a finished link decides for itself. */
export function isLosingDraft(state: ComposeState): boolean {
  return state.step === "working" || (state.step === "editing" && !isEmptyContent(state.draft.content));
}

/** The links, once they are made; not yet good while the step is "working". */
export function linksOf(state: ComposeState): Links | undefined {
  if (state.step === "ready") return state.made;
  return state.step === "working" && state.progress?.step === "storing" ? state.progress : undefined;
}

/** The chosen lifetime in seconds, or the default if the service does not offer the choice. */
export function lifetimeOf(draft: Draft, limits: Service["limits"] | undefined): number {
  const choices = choicesOf(limits);
  return choices.lifetimes.find((seconds) => seconds === draft.lifetime) ?? choices.lifetime;
}
