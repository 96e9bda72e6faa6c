import type { Client, SecretOpener } from "@mayfly/client";
import type { LinkCode } from "@mayfly/crypto";
import { useEffect, useReducer, useState } from "preact/hooks";
import type { Fault } from "../fault.ts";
import { lazy } from "../parts/lazy.tsx";
import { FaultNotice, Notice, Working } from "../parts/notice.tsx";
import { PassphraseField } from "../parts/passphrase-field.tsx";
import { Title } from "../parts/title.tsx";
import { useService } from "../service/service-watch.ts";
import { words } from "../words/words.ts";
import { openStep, startOpen } from "./open-machine.ts";
import { reveal } from "./reveal.ts";

const { View: SecretView, load: loadSecretView } = lazy(
  async () => (await import("./secret-view.tsx")).SecretView,
);

interface OpenViewProps {
  client: Client;
  code: LinkCode;
  sawServer: boolean;
  disabled: boolean;
}

/** The recipient's page. The service hears nothing before a person presses the button. */
export function OpenView({ client, code, sawServer, disabled }: OpenViewProps) {
  const [state, tell] = useReducer(openStep, startOpen);
  // One opener as long as the view lives: every try is the same reader.
  const [held] = useState<{ opener?: SecretOpener }>({});
  const [passphrase, setPassphrase] = useState("");
  useEffect(() => {
    loadSecretView().catch(() => {});
  }, []);
  const fault = state.step === "ready" ? state.fault : undefined;
  const halted = fault?.code === "halted";
  const service = useService(client, halted ? "halted" : null, () => tell({ type: "recovered" }));

  function press(event: Event) {
    event.preventDefault();
    // Scanners run scripts that press buttons; a press by script is not trusted.
    if (!event.isTrusted || disabled || state.step !== "ready") return;
    held.opener ??= client.opener(code);
    reveal(held.opener, code.hasPassphrase ? passphrase : undefined, loadSecretView, (step) => {
      if (step.type === "opened") setPassphrase("");
      tell(step);
    });
  }

  if (state.step === "shown") {
    return <SecretView {...state} onToggle={() => tell({ type: "toggled" })} />;
  }
  if (state.step === "ended") return <EndedView fault={state.fault} />;
  if (state.step === "working") {
    const { progress } = state;
    return (
      <section>
        <Title text={words.open.title} />
        <Working text={words.open.steps[progress?.step ?? "receiving"]} fraction={progress?.fraction} />
      </section>
    );
  }
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <Title text={words.open.title} arrive={fault !== undefined} />
      <p class="lead">{words.open.lead}</p>
      {sawServer && (
        <Notice>
          <p>{words.open.seen}</p>
        </Notice>
      )}
      {code.hasPassphrase ? (
        <PassphraseField
          label={words.open.passphrase}
          hint={words.open.passphraseHint}
          value={passphrase}
          disabled={disabled}
          onInput={setPassphrase}
        />
      ) : null}
      <p>{words.open.mayEnd}</p>
      {fault && <FaultNotice fault={fault} service={service} />}
      <button type="submit" class="main" disabled={disabled || halted} onClick={press}>
        {fault && !code.hasPassphrase ? words.tryAgain : words.open.reveal}
      </button>
    </form>
  );
}

/** What became of a secret that this link cannot open. */
function EndedView({ fault }: { fault: Fault }) {
  const end = fault.code === "gone" ? words.ended[fault.state ?? "opened"] : undefined;
  const title = end?.title ?? (fault.code === "damaged" ? words.damaged : words.notFound);
  return (
    <section>
      <Title text={title} arrive />
      <p class="lead">{end ? end.text(fault.endedAt) : words.fault(fault)}</p>
      <a href="/">{words.newSecret}</a>
    </section>
  );
}
