import type { Status } from "@mayfly/wire";
import { type Fault, faultOf } from "../fault.ts";

/** The sender's manage page: the secret's last known status, and the step in progress. */
export interface ManageState {
  step: "idle" | "asking" | "confirming" | "burning";
  status?: Status;
  /** ISO 8601, by this machine's clock: when `status` was told. */
  toldAt?: string;
  /** This page destroyed it. */
  burned: boolean;
  fault?: Fault;
}

export type ManageEvent =
  | { type: "asked" }
  | { type: "told"; status: Status; at: string }
  | { type: "failed"; error: unknown }
  | { type: "burn_wanted" }
  | { type: "burn_dropped" }
  | { type: "burn_started" }
  | { type: "burned" };

export const startManage: ManageState = { step: "idle", burned: false };

export function manageStep(state: ManageState, event: ManageEvent): ManageState {
  const { fault: _fault, ...calm } = state;
  switch (event.type) {
    case "asked":
      return state.step === "idle" ? { ...calm, step: "asking" } : state;
    case "told":
      return { ...calm, step: "idle", status: event.status, toldAt: event.at };
    case "failed":
      return { ...calm, step: "idle", fault: faultOf(event.error) };
    case "burn_wanted":
      return state.step === "idle" ? { ...calm, step: "confirming" } : state;
    case "burn_dropped":
      return state.step === "confirming" ? { ...calm, step: "idle" } : state;
    case "burn_started":
      return state.step === "confirming" ? { ...calm, step: "burning" } : state;
    case "burned":
      return { ...calm, step: "idle", burned: true };
  }
}

/** Whether there is still something to destroy. */
export function canBurn({ status, burned }: ManageState): boolean {
  return !burned && (status === undefined || ["reserved", "live", "claimed"].includes(status.state));
}
