/**
 * What happened in a run: every call with its beginning and end as its caller saw them, every fault, every step of the clock.
 * Times (`at`, `from`, `to`, `invokedAt`, `completedAt`) are milliseconds on one monotonic clock; the service's times are
 * milliseconds since the epoch on the store's clock.
 */
import type { EndState, ProblemCode, State } from "@mayfly/wire";

export type CallKind = "reserve" | "deposit" | "open" | "part" | "acknowledge" | "burn" | "status";

/** What the caller showed. `stranger`: knows the id and nothing else, and made the rest up. */
export type Showing = "right" | "wrong_passphrase" | "no_passphrase" | "stranger";

export type Outcome =
  /** 200 or 201 of the sender's calls, 204 of acknowledge and burn. */
  | {
      readonly is: "done";
      readonly expiresAt?: number;
      readonly missing?: number;
      readonly depositBy?: number;
    }
  /** 200 with an envelope's part, whole. */
  | {
      readonly is: "bytes";
      readonly hash: string;
      readonly readsLeft: number | "unlimited" | null;
      readonly leaseEnds: number;
    }
  /** The head of a 200 with bytes came, and not all that followed: somebody has some of them. */
  | { readonly is: "cut" }
  | {
      readonly is: "status";
      readonly state: State;
      readonly readsLeft: number | "unlimited";
      readonly attemptsLeft: number | null;
      readonly expiresAt: number;
    }
  | {
      readonly is: "problem";
      readonly status: number;
      readonly code: ProblemCode;
      readonly state?: EndState;
      readonly attemptsLeft?: number;
    }
  /** An answer that is none of the protocol's. */
  | { readonly is: "strange"; readonly status: number; readonly why: string }
  /** No answer: the step may have happened, may happen later, or never. */
  | { readonly is: "none"; readonly why: string };

export interface Call {
  readonly number: number;
  readonly kind: CallKind;
  /** Number of the secret in the plan. */
  readonly secret: number;
  readonly by: string;
  readonly showing: Showing;
  /** Who opens, reads on or acknowledges: a name for the claim, one for each. */
  readonly claim?: string;
  readonly part?: number;
  readonly invokedAt: number;
  readonly completedAt: number;
  readonly outcome: Outcome;
}

/** What the checker has to know of a secret. */
export interface SecretFacts {
  readonly secret: number;
  readonly reads: number | "unlimited";
  readonly passphrase: boolean;
  /** SHA-256 of each part, in hex. */
  readonly parts: readonly string[];
  readonly leaseMs: number;
}

export interface Fault {
  readonly kind: string;
  readonly from: number;
  /** When its effect was over; what it did at once (a kill) has the moment when the thing was back. */
  readonly to: number;
}

/** From `to` on the store's clock is ahead of the machine's by `offsetMs`; between `from` and `to` either may hold. */
export interface ClockStep {
  readonly from: number;
  readonly to: number;
  readonly offsetMs: number;
}

/** What a look into the store past the service found, after the last sweep of the run. */
export interface Remainder {
  /**
   * What it is: a key without an end, something overdue, ciphertext of something that has ended, a sweep that did not complete, a service
   * that was not ready in time after the faults had stopped.
   */
  readonly what: "endless" | "overdue" | "ciphertext" | "unswept" | "not ready";
  readonly where: string;
  readonly secret: number | null;
}

/** What a deployment may lose by its own statement; everything else is a violation. */
export interface Guarantee {
  /** Kinds of faults after which everything from before may be forgotten. */
  readonly forgets: readonly string[];
  /** Kinds of faults after which the newest steps may be undone: nothing is demanded of secrets that were touched around one. */
  readonly undoes: readonly string[];
}

export interface History {
  /** Of the monotonic clock's zero, since the epoch. */
  readonly epoch: number;
  readonly secrets: readonly SecretFacts[];
  readonly calls: readonly Call[];
  readonly faults: readonly Fault[];
  readonly clockSteps: readonly ClockStep[];
  /** When the faults had stopped and the service was ready again; infinite when the run never came so far. */
  readonly calmAt: number;
  readonly remainders: readonly Remainder[];
}

/** Writes a history while it happens. */
export class Recorder {
  readonly epoch = performance.timeOrigin;
  readonly secrets: SecretFacts[] = [];
  readonly calls: Call[] = [];
  readonly faults: Fault[] = [];
  readonly clockSteps: ClockStep[] = [];
  readonly remainders: Remainder[] = [];
  calmAt = Number.POSITIVE_INFINITY;
  #begun = 0;

  /** Records a call from now until its outcome is there. `make` must not throw. */
  async call(
    about: Omit<Call, "number" | "invokedAt" | "completedAt" | "outcome">,
    make: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const number = this.#begun++;
    const invokedAt = performance.now();
    const outcome = await make();
    this.calls.push({ number, ...about, invokedAt, completedAt: performance.now(), outcome });
    return outcome;
  }
}
