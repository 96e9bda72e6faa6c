import { type Connection, createSecretOpener, type SecretOpener } from "@mayfly/client";
import type { LinkCode } from "@mayfly/crypto";
import { useReducer, useState } from "preact/hooks";
import { lazy } from "../parts/lazy.tsx";
import { FaultNotice, Notice, Working } from "../parts/notice.tsx";
import { PassphraseField } from "../parts/passphrase-field.tsx";
import { Title } from "../parts/title.tsx";
import { trusted } from "../parts/trusted.ts";
import { useService } from "../service/service-watch.ts";
import { openWords } from "../words/open-words.ts";
import { words } from "../words/words.ts";
import { openStep, startOpen } from "./open-machine.ts";
import { reveal } from "./reveal.ts";

// Loads with the press, before anything is asked of the service.
const SecretView = lazy(async () => (await import("./secret-view.tsx")).SecretView);
const EndedView = lazy(async () => (await import("./ended-view.tsx")).EndedView);

interface OpenViewProps {
  connection: Connection;
  code: LinkCode;
  sawServer: boolean;
  disabled: boolean;
}

/** The recipient's page. The service hears nothing before a person presses the button. */
export function OpenView({ connection, code, sawServer, disabled }: OpenViewProps) {
  const [state, tell] = useReducer(openStep, startOpen);
  // One opener as long as the view lives: every try is the same reader.
  const [held] = useState<{ opener?: SecretOpener }>({});
  const [passphrase, setPassphrase] = useState("");
  const fault = state.step === "ready" ? state.fault : undefined;
  const halted = fault?.code === "halted";
  const service = useService(connection, halted ? "halted" : null, () => tell({ type: "recovered" }));

  const press = trusted(() => {
    if (disabled || state.step !== "ready") return;
    held.opener ??= createSecretOpener(connection, code);
    reveal(held.opener, {
      passphrase: code.hasPassphrase ? passphrase : undefined,
      ready: SecretView.load,
      tell(step) {
        if (step.type === "opened") setPassphrase("");
        tell(step);
      },
    });
  });

  if (state.step === "shown") {
    return <SecretView {...state} onToggle={() => tell({ type: "toggled" })} />;
  }
  if (state.step === "ended") return <EndedView fault={state.fault} />;
  if (state.step === "working") {
    const { progress } = state;
    return (
      <section>
        <Title text={openWords.title} />
        <Working
          text={openWords.steps[progress?.step ?? (code.hasPassphrase ? "stretching" : "receiving")]}
          fraction={progress && "fraction" in progress ? progress.fraction : undefined}
        />
      </section>
    );
  }
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <Title text={openWords.title} arrive={fault !== undefined && !code.hasPassphrase} />
      <p class="lead">{openWords.lead}</p>
      {sawServer && (
        <Notice>
          <p>{openWords.seen}</p>
        </Notice>
      )}
      {code.hasPassphrase ? (
        <PassphraseField
          label={openWords.passphrase}
          hint={openWords.passphraseHint}
          value={passphrase}
          disabled={disabled}
          arrive={fault !== undefined}
          onInput={setPassphrase}
        />
      ) : null}
      <p>{openWords.mayEnd}</p>
      {fault && <FaultNotice fault={fault} service={service} />}
      {fault?.code === "offline" && <p>{openWords.stillYours}</p>}
      <button type="submit" class="main" disabled={disabled || halted} onClick={press}>
        {fault && !code.hasPassphrase ? words.tryAgain : openWords.reveal}
      </button>
    </form>
  );
}
