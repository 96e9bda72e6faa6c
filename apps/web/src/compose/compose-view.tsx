import type { Connection } from "@mayfly/client";
import { suggestedBits, suggestPassphrase } from "@mayfly/crypto/proquint";
import type { Service } from "@mayfly/wire";
import { useReducer } from "preact/hooks";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import { CopyButton } from "../parts/copying.tsx";
import { lazy, loading } from "../parts/lazy.tsx";
import { useLeavingAsked } from "../parts/leaving.ts";
import { FaultNotice, HaltNotice, Working } from "../parts/notice.tsx";
import { PassphraseField } from "../parts/passphrase-field.tsx";
import { Title } from "../parts/title.tsx";
import { useService } from "../service/service-watch.ts";
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
import { MessageField } from "./message-field.tsx";
import { protectDraft } from "./protect-draft.ts";

// Both load once somebody types.
const protecting = loading(() => import("./protecting.ts"));
const ReadyView = lazy(async () => (await import("./ready-view.tsx")).ReadyView);

async function ready() {
  await ReadyView.load();
  return (await protecting()).protect;
}

/** The sender's page: writing, sealing, and the link. */
export function ComposeView({ connection, disabled }: { connection: Connection; disabled: boolean }) {
  const { compose, page } = useCatalogue();
  const [state, tell] = useReducer(composeStep, startCompose);
  const halted = state.step === "editing" && state.fault?.code === "halted";
  const occasion = disabled ? null : halted ? "halted" : "arrived";
  const service = useService(connection, occasion, () => tell({ type: "recovered" }));
  useLeavingAsked(isLosingDraft(state));

  if (state.step === "ready") {
    return <ReadyView connection={connection} {...state} onAnother={() => tell({ type: "restarted" })} />;
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
        <Title text={compose.title} />
        <p class="lead">{compose.lead}</p>
        {service?.state === "halted" && !halted && <HaltNotice service={service} />}
        <DraftFields draft={draft} limits={service?.limits} disabled={disabled} tell={tell} />
        {state.fault && <FaultNotice fault={state.fault} service={service} />}
        <button type="submit" class="main" disabled={disabled || service?.state === "halted"}>
          {compose.protect}
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
      <Title text={compose.title} arrive />
      <Working
        text={
          progress?.step === "waiting"
            ? page.waiting(progress.until)
            : compose.steps[progress?.step ?? (draft.passphrase === "" ? "reserving" : "stretching")]
        }
        fraction={fraction}
      />
      <StoringLink link={linksOf(state)?.link} />
    </section>
  );
}

// Shown, but not yet for copying: it is good for nothing if storing fails.
function StoringLink({ link }: { link: string | undefined }) {
  const { compose } = useCatalogue();
  if (link === undefined) return null;
  return (
    <div class="field">
      <label for="storing">{compose.storing}</label>
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
  const { compose, page } = useCatalogue();
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
      <MessageField content={draft.content} disabled={disabled} onInput={(content) => edit({ content })} />
      <div class="pair">
        <div class="field">
          <label for="lifetime">{compose.lifetime}</label>
          <select
            id="lifetime"
            value={lifetimeOf(draft, limits)}
            disabled={disabled}
            onChange={(event) => edit({ lifetime: Number(event.currentTarget.value) })}
          >
            {choices.lifetimes.map((seconds) => (
              <option key={seconds} value={seconds}>
                {page.span(seconds)}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="reads">{compose.reads}</label>
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
                {compose.readsChoice(reads)}
              </option>
            ))}
          </select>
        </div>
      </div>
      <PassphraseField
        label={compose.passphrase}
        hint={compose.passphraseHint}
        value={passphrase}
        disabled={disabled}
        onInput={(passphrase) => edit({ passphrase })}
      >
        <button type="button" disabled={disabled} onClick={suggest}>
          {compose.suggest}
        </button>
      </PassphraseField>
      {passphrase !== "" && passphrase === suggested && (
        <div class="notice" role="status">
          <p class="phrase" dir="ltr">
            {suggested}
          </p>
          <CopyButton text={suggested} label={page.copyPassphrase} />
          <p>{compose.suggested(suggestedBits)}</p>
        </div>
      )}
    </>
  );
}
