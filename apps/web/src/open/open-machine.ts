import type { Opened, OpenProgress } from "@mayfly/client";
import { type Fault, faultOf, isFinal } from "../fault.ts";

/** Whether the service is known to have destroyed what was read. */
export type Confirmation = "asking" | "confirmed" | "unconfirmed";

/** The recipient's page. Nothing is asked of the service before `revealed`. */
export type OpenState =
  /** `fault`: the last try failed, and nothing was lost. */
  | { step: "ready"; fault?: Fault }
  | { step: "working"; progress?: OpenProgress }
  | { step: "shown"; opened: Opened; confirmation: Confirmation; hidden: boolean }
  | { step: "ended"; fault: Fault };

export type OpenEvent =
  | { type: "revealed" }
  | { type: "progressed"; progress: OpenProgress }
  | { type: "opened"; opened: Opened }
  | { type: "confirmed"; confirmed: boolean }
  | { type: "failed"; error: unknown }
  | { type: "recovered" }
  | { type: "toggled" };

export const startOpen: OpenState = { step: "ready" };

export function openStep(state: OpenState, event: OpenEvent): OpenState {
  switch (state.step) {
    case "ready":
      if (event.type === "revealed") return { step: "working" };
      return event.type === "recovered" && state.fault?.code === "halted" ? startOpen : state;
    case "working": {
      if (event.type === "progressed") return { step: "working", progress: event.progress };
      if (event.type === "opened") {
        return { step: "shown", opened: event.opened, confirmation: "asking", hidden: false };
      }
      if (event.type !== "failed") return state;
      const fault = faultOf(event.error);
      return isFinal(fault) ? { step: "ended", fault } : { step: "ready", fault };
    }
    case "shown":
      if (event.type === "toggled") return { ...state, hidden: !state.hidden };
      if (event.type !== "confirmed") return state;
      return { ...state, confirmation: event.confirmed ? "confirmed" : "unconfirmed" };
    case "ended":
      return state;
  }
}
