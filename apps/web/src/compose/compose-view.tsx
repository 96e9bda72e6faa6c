import type { Connection } from "@mayfly/client";
import { suggestedBits, suggestPassphrase } from "@mayfly/crypto/proquint";
import type { Service } from "@mayfly/wire";
import { useReducer } from "preact/hooks";
import { CopyButton } from "../parts/copying.tsx";
import { lazy, loading } from "../parts/lazy.tsx";
import { useLeavingAsked } from "../parts/leaving.ts";
import { FaultNotice, HaltNotice, Working } from "../parts/notice.tsx";
import { PassphraseField } from "../parts/passphrase-field.tsx";
import { Title } from "../parts/title.tsx";
import { useService } from "../service/service-watch.ts";
import { composeWords } from "../words/compose-words.ts";
import { words } from "../words/words.ts";
import {
  type ComposeEvent,
  composeStep,
  type Draft,
  isLosingDraft,
  lifetimeOf,
  linksOf,
  startCompose,
} from "./compose-machine.ts";
import { choicesOf } from "./limits.ts";
import { protectDraft } from "./protect-draft.ts";

// Both load once somebody types.
const protecting = loading(() => import("./protecting.ts"));
const DoneView = lazy(async () => (await import("./done-view.tsx")).DoneView);

async function ready() {
  await DoneView.load();
  return (await protecting()).protect;
}

/** The sender's page: writing, sealing, and the link. */
export function ComposeView({ connection, disabled }: { connection: Connection; disabled: boolean }) {
  const [state, tell] = useReducer(composeStep, startCompose);
  const halted = state.step === "editing" && state.fault?.code === "halted";
  const occasion = disabled ? null : halted ? "halted" : "arrived";
  const service = useService(connection, occasion, () => tell({ type: "recovered" }));
  useLeavingAsked(isLosingDraft(state));

  if (state.step === "done") {
    return <DoneView connection={connection} {...state} onAnother={() => tell({ type: "restarted" })} />;
  }
  const { draft } = state;
  if (state.step === "editing") {
    const protect = () => protectDraft(draft, { connection, limits: service?.limits, ready, tell });
    return (
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!disabled && service?.state !== "halted") protect();
        }}
      >
        <Title text={composeWords.title} />
        <p class="lead">{composeWords.lead}</p>
        {service?.state === "halted" && !halted && <HaltNotice service={service} />}
        <DraftFields draft={draft} limits={service?.limits} disabled={disabled} tell={tell} />
        {state.fault && <FaultNotice fault={state.fault} service={service} />}
        <button type="submit" class="main" disabled={disabled || service?.state === "halted"}>
          {composeWords.protect}
        </button>
      </form>
    );
  }
  const { progress } = state;
  const fraction =
    progress?.step === "stretching"
      ? progress.fraction
      : progress?.step === "storing"
        ? progress.deposited / progress.parts
        : undefined;
  return (
    <section>
      <Title text={composeWords.title} arrive />
      <Working
        text={
          progress?.step === "waiting"
            ? words.waiting(progress.until)
            : composeWords.steps[progress?.step ?? (draft.passphrase === "" ? "reserving" : "stretching")]
        }
        fraction={fraction}
      />
      <StoringLink link={linksOf(state)?.link} />
    </section>
  );
}

// Shown, but not yet for copying: it is good for nothing if storing fails.
function StoringLink({ link }: { link: string | undefined }) {
  if (link === undefined) return null;
  return (
    <div class="field">
      <label for="storing">{composeWords.storing}</label>
      <textarea id="storing" class="link" readOnly disabled rows={3} value={link} dir="ltr" />
    </div>
  );
}

interface DraftFieldsProps {
  draft: Draft;
  limits: Service["limits"] | undefined;
  disabled: boolean;
  tell(event: ComposeEvent): void;
}

function DraftFields({ draft, limits, disabled, tell }: DraftFieldsProps) {
  const { passphrase, suggested } = draft;
  const choices = choicesOf(limits);
  function edit(change: Partial<Draft>) {
    ready().catch(() => {});
    tell({ type: "edited", change });
  }
  function suggest() {
    const fresh = suggestPassphrase();
    edit({ passphrase: fresh, suggested: fresh });
  }
  return (
    <>
      <div class="field">
        <label for="message">{composeWords.message}</label>
        <textarea
          id="message"
          rows={7}
          value={draft.text}
          disabled={disabled}
          autofocus
          autocomplete="off"
          spellcheck={false}
          dir="auto"
          onInput={(event) => edit({ text: event.currentTarget.value })}
        />
      </div>
      <div class="pair">
        <div class="field">
          <label for="lifetime">{composeWords.lifetime}</label>
          <select
            id="lifetime"
            value={lifetimeOf(draft, limits)}
            disabled={disabled}
            onChange={(event) => edit({ lifetime: Number(event.currentTarget.value) })}
          >
            {choices.lifetimes.map((seconds) => (
              <option key={seconds} value={seconds}>
                {words.span(seconds)}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="reads">{composeWords.reads}</label>
          <select
            id="reads"
            value={draft.reads}
            disabled={disabled}
            onChange={({ currentTarget: { value } }) =>
              edit({ reads: value === "unlimited" ? value : Number(value) })
            }
          >
            {[...choices.reads, "unlimited" as const].map((reads) => (
              <option key={reads} value={reads}>
                {composeWords.readsChoice(reads)}
              </option>
            ))}
          </select>
        </div>
      </div>
      <PassphraseField
        label={composeWords.passphrase}
        hint={composeWords.passphraseHint}
        value={passphrase}
        disabled={disabled}
        onInput={(passphrase) => edit({ passphrase })}
      >
        <button type="button" disabled={disabled} onClick={suggest}>
          {composeWords.suggest}
        </button>
      </PassphraseField>
      {passphrase !== "" && passphrase === suggested && (
        <div class="notice" role="status">
          <p class="phrase" dir="ltr">
            {suggested}
          </p>
          <CopyButton text={suggested} label={words.copyPassphrase} />
          <p>{composeWords.suggested(suggestedBits)}</p>
        </div>
      )}
    </>
  );
}
