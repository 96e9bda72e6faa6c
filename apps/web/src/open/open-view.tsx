import type { Connection, SecretOpener } from "@mayfly/client";
import type { LinkCode } from "@mayfly/crypto";
import { useReducer, useState } from "preact/hooks";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import { lazy, loading } from "../parts/lazy.tsx";
import { useLeavingAsked } from "../parts/leaving.ts";
import { FaultNotice, Notice, Working } from "../parts/notice.tsx";
import { PassphraseField } from "../parts/passphrase-field.tsx";
import { Title } from "../parts/title.tsx";
import { trusted } from "../parts/trusted.ts";
import { useService } from "../service/service-watch.ts";
import { isLosing, openStep, startOpen } from "./open-machine.ts";
import { confirm, reveal } from "./reveal.ts";

// Both load with the press, before anything is asked of the service.
const reading = loading(() => import("./reading.ts"));
const OpenedView = lazy(async () => (await import("./opened-view.tsx")).OpenedView);
const EndedView = lazy(async () => (await import("./ended-view.tsx")).EndedView);

interface OpenViewProps {
  connection: Connection;
  code: LinkCode;
  sawServer: boolean;
  disabled: boolean;
}

/** The recipient's page. The service hears nothing before a person presses the button. */
export function OpenView({ connection, code, sawServer, disabled }: OpenViewProps) {
  const { open, page } = useCatalogue();
  const [state, tell] = useReducer(openStep, startOpen);
  // One opener as long as the view lives: every try is the same reader.
  const [held] = useState<{ opener?: SecretOpener }>({});
  const [passphrase, setPassphrase] = useState("");
  useLeavingAsked(isLosing(state));
  const fault = state.step === "ready" ? state.fault : undefined;
  const halted = fault?.code === "halted";
  const service = useService(connection, halted ? "halted" : null, () => tell({ type: "recovered" }));

  const press = trusted(() => {
    if (disabled || state.step !== "ready") return;
    reveal(connection, {
      passphrase: code.hasPassphrase ? passphrase : undefined,
      async ready() {
        await OpenedView.load();
        held.opener ??= (await reading()).createSecretOpener(connection, code);
        return held.opener;
      },
      tell(step) {
        if (step.type === "opened") setPassphrase("");
        tell(step);
      },
    });
  });

  if (state.step === "shown") {
    return (
      <OpenedView
        {...state}
        onToggle={() => tell({ type: "toggled" })}
        onKept={() => tell({ type: "kept" })}
        onSaved={() => {
          tell({ type: "kept" });
          if (state.confirmation === "unsaved") confirm(connection, state.opened, tell);
        }}
      />
    );
  }
  if (state.step === "ended") return <EndedView {...state} />;
  if (state.step === "working") {
    const { progress } = state;
    return (
      <section>
        <Title text={open.title} />
        <Working
          text={
            progress?.step === "waiting"
              ? page.waiting(progress.until)
              : open.steps[progress?.step ?? (code.hasPassphrase ? "stretching" : "receiving")]
          }
          fraction={progress && "fraction" in progress ? progress.fraction : undefined}
        />
      </section>
    );
  }
  return (
    <form onSubmit={(event) => event.preventDefault()}>
      <Title text={open.title} arrive={fault !== undefined && !code.hasPassphrase} />
      {state.hold === null && <p class="lead">{open.lead}</p>}
      {sawServer && (
        <Notice>
          <p>{open.seen}</p>
        </Notice>
      )}
      {code.hasPassphrase ? (
        <PassphraseField
          label={open.passphrase}
          hint={open.passphraseHint}
          value={passphrase}
          disabled={disabled}
          arrive={fault !== undefined}
          onInput={setPassphrase}
        />
      ) : null}
      {state.hold === null && <p>{open.mayEnd}</p>}
      {fault && <FaultNotice fault={fault} service={service} />}
      {state.hold !== null && <p>{open.held(state.hold)}</p>}
      <button type="submit" class="main" disabled={disabled || halted} onClick={press}>
        {fault && !code.hasPassphrase ? page.tryAgain : open.reveal}
      </button>
    </form>
  );
}
