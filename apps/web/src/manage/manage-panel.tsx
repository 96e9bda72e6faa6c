import { burn, type Connection, type LinkLike, status } from "@mayfly/client";
import type { Status } from "@mayfly/wire";
import { useEffect, useReducer } from "preact/hooks";
import { useCatalogue } from "../catalogue/use-catalogue.ts";
import { FaultNotice, Working } from "../parts/notice.tsx";
import { trusted } from "../parts/trusted.ts";
import { useService } from "../service/service-watch.ts";
import { canBurn, type ManageState, manageStep, startManage } from "./manage-machine.ts";
import "./manage-panel.css";

interface ManagePanelProps {
  connection: Connection;
  link: LinkLike;
  /** The manage link was in the address bar. */
  visited?: boolean;
  /** The secret is known to have ended. */
  onEnded?(): void;
}

/** What a manage link shows and does: the state, asked for at once, and deleting. */
export function ManagePanel({ connection, link, visited, onEnded }: ManagePanelProps) {
  const { manage } = useCatalogue();
  const [state, tell] = useReducer(manageStep, startManage);
  const hasEnded = !canBurn(state);
  async function ask() {
    tell({ type: "asked" });
    try {
      tell({ type: "told", status: await status(connection, link), at: new Date().toISOString() });
    } catch (error) {
      tell({ type: "failed", error });
    }
  }
  async function destroy() {
    tell({ type: "burn_started" });
    try {
      await burn(connection, link);
      tell({ type: "burned" });
      await ask();
    } catch (error) {
      tell({ type: "failed", error });
    }
  }
  useEffect(() => {
    ask();
  }, []);
  useEffect(() => {
    if (hasEnded) onEnded?.();
  }, [hasEnded]);
  const service = useService(connection, state.fault?.code === "halted" ? "halted" : null, ask);
  return (
    <div class="manage">
      {state.status && <StatusTable status={state.status} />}
      {state.toldAt !== undefined && <p class="hint">{manage.told(state.toldAt)}</p>}
      {state.step === "asking" && <Working text={manage.asking} />}
      {state.step === "burning" && <Working text={manage.burning} />}
      {state.burned && (
        <p role="status" class="fate">
          {manage.burned}
        </p>
      )}
      {state.fault && <FaultNotice fault={state.fault} service={service} />}
      <Buttons state={state} onRefresh={ask} onBurn={destroy} tell={tell} />
      {visited && !hasEnded && <p class="hint">{manage.history}</p>}
    </div>
  );
}

interface ButtonsProps {
  state: ManageState;
  onRefresh(): void;
  onBurn(): void;
  tell(event: { type: "burn_wanted" | "burn_dropped" }): void;
}

function Buttons({ state, onRefresh, onBurn, tell }: ButtonsProps) {
  const { manage } = useCatalogue();
  if (state.step === "confirming") {
    return (
      <fieldset class="row">
        <legend>{manage.burnSure}</legend>
        <button type="button" autofocus onClick={() => tell({ type: "burn_dropped" })}>
          {manage.burnNo}
        </button>
        <button type="button" class="danger" onClick={trusted(onBurn)}>
          {manage.burnYes}
        </button>
      </fieldset>
    );
  }
  const idle = state.step === "idle";
  return (
    <div class="row">
      <button type="button" disabled={!idle} onClick={onRefresh}>
        {manage.refresh}
      </button>
      {canBurn(state) && (
        <button type="button" class="danger" disabled={!idle} onClick={() => tell({ type: "burn_wanted" })}>
          {manage.burn}
        </button>
      )}
    </div>
  );
}

function StatusTable({ status }: { status: Status }) {
  const { manage } = useCatalogue();
  const rows: [string, string | number][] = [
    [manage.state, manage.states[status.state]],
    [manage.openedAt, status.openedAt === undefined ? manage.never : manage.exact(status.openedAt)],
  ];
  if (status.endedAt !== undefined) rows.push([manage.endedAt, manage.exact(status.endedAt)]);
  else {
    rows.push([manage.expiresAt, manage.exact(status.expiresAt)]);
    rows.push([manage.readsLeft, status.readsLeft === "unlimited" ? manage.unlimited : status.readsLeft]);
    if (status.attemptsLeft !== null) rows.push([manage.attemptsLeft, status.attemptsLeft]);
  }
  return (
    <table aria-live="polite">
      <tbody>
        {rows.map(([name, value]) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
