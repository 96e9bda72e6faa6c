import type { Opened, OpenProgress } from "@mayfly/client";
import { type Fault, faultOf, isFinal } from "../fault.ts";
import type { Content } from "./content.ts";

/**
 * The state of the acknowledgement.
 * - "unsaved": not sent yet. The page cannot show the content, and the person has not saved it.
 * - "asking": sent, no response yet.
 * - "confirmed": the service confirmed it.
 * - "unconfirmed": no response, or a refusal.
 */
type Confirmation = "unsaved" | "asking" | "confirmed" | "unconfirmed";

/**
 * What this page knows of a read that it may have taken and has not received. A time (ISO 8601): the end of the lease,
 * as the service last said. "unanswered": a request may have reached the service. null: no request has taken a read.
 */
export type Hold = string | "unanswered" | null;

/** The recipient's page. Nothing is asked of the service before `revealed`. */
export type OpenState =
  /** `fault`: why the last try failed. */
  | { step: "ready"; hold: Hold; fault?: Fault }
  | { step: "working"; hold: Hold; progress?: OpenProgress }
  | Shown
  | { step: "ended"; hold: Hold; fault: Fault };

export interface Shown {
  step: "shown";
  opened: Opened;
  content: Content;
  confirmation: Confirmation;
  /**
   * Seconds after its end in which the service erases a secret's sealed bytes from its files; null when it cannot say,
   * undefined before it was asked.
   */
  erasedWithin?: number | null;
  hidden: boolean;
  /** The person has copied or saved all of it. */
  kept: boolean;
}

export type OpenEvent =
  | { type: "revealed" }
  | { type: "progressed"; progress: OpenProgress }
  | { type: "opened"; opened: Opened; content: Content }
  | { type: "telling" }
  | { type: "confirmed"; confirmed: boolean }
  | { type: "erasing"; within: number | null }
  | { type: "failed"; error: unknown; hold: Hold }
  | { type: "recovered" }
  | { type: "toggled" }
  | { type: "kept" };

export const startOpen: OpenState = { step: "ready", hold: null };

export function openStep(state: OpenState, event: OpenEvent): OpenState {
  switch (state.step) {
    case "ready":
      if (event.type === "revealed") return { step: "working", hold: state.hold };
      return event.type === "recovered" && state.fault?.code === "halted"
        ? { step: "ready", hold: state.hold }
        : state;
    case "working": {
      if (event.type === "progressed") return { ...state, progress: event.progress };
      if (event.type === "opened") {
        const { opened, content } = event;
        const confirmation = content.kind === "unreadable" ? "unsaved" : "asking";
        return { step: "shown", opened, content, confirmation, hidden: false, kept: false };
      }
      if (event.type !== "failed") return state;
      const fault = faultOf(event.error);
      return { step: isFinal(fault) ? "ended" : "ready", hold: event.hold, fault };
    }
    case "shown":
      if (event.type === "toggled") return { ...state, hidden: !state.hidden };
      if (event.type === "kept") return { ...state, kept: true };
      if (event.type === "telling") return { ...state, confirmation: "asking" };
      if (event.type === "erasing") return { ...state, erasedWithin: event.within };
      if (event.type !== "confirmed") return state;
      return { ...state, confirmation: event.confirmed ? "confirmed" : "unconfirmed" };
    case "ended":
      return state;
  }
}

/** Whether something is lost for good, or a read is, when the page is left now. */
export function isLosing(state: OpenState): boolean {
  switch (state.step) {
    case "ready":
      return state.hold !== null;
    case "working":
      return true;
    case "shown":
      return !state.kept && state.opened.readsLeft !== "unlimited";
    case "ended":
      return false;
  }
}
