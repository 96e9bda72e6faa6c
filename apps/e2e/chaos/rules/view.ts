/** One secret's calls, and the questions that every rule asks of them. */
import type { Call, Guarantee, History, Outcome, SecretFacts } from "../history.ts";

/** How far the clocks of one machine may be apart, and rounding. */
export const TOLERANCE_MS = 150;

/** A broken rule, with the calls that prove it. */
export interface Violation {
  readonly rule: RuleName;
  readonly secret: number | null;
  readonly sentence: string;
  readonly proof: readonly Call[];
}

export const ruleNames = {
  readers: "Per read at most one claim ever gets bytes.",
  bytes: "What is read is what was deposited.",
  ends: "After an end that was answered, nobody gets bytes.",
  expiry: "Nothing is read after its expiry, nor by a claim after its lease.",
  survival: "What was confirmed is there until something ends it.",
  passphrase: "Ten wrong passphrases, each counted once, and never bytes for one.",
  strangers: "The id without the link has no effect.",
  answers: "Every answer is of the error table, and 500 is none.",
  remains: "After a sweep nothing overdue is left, and no ciphertext of what has ended.",
} as const;
export type RuleName = keyof typeof ruleNames;

export interface SecretView {
  readonly facts: SecretFacts;
  /** In the order in which they began. */
  readonly calls: readonly Call[];
  readonly time: StoreTime;
  /** True when, by the deployment's own statement, all that is known of this secret may have been forgotten before `at`. */
  mayBeForgotten(at: number): boolean;
}

/** Bounds for the store's time at a moment of the monotonic clock. */
export class StoreTime {
  readonly #history: Pick<History, "epoch" | "clockSteps">;

  constructor(history: Pick<History, "epoch" | "clockSteps">) {
    this.#history = history;
  }

  /** By the clock alone: the high-water mark may be ahead of it. */
  least(at: number): number {
    let offset = 0;
    let pending = Number.POSITIVE_INFINITY;
    for (const step of this.#history.clockSteps) {
      if (step.to <= at) offset = step.offsetMs;
      else if (step.from <= at) pending = Math.min(pending, step.offsetMs);
    }
    return this.#history.epoch + at + Math.min(offset, pending);
  }

  /** With the highest mark that may have been kept. */
  most(at: number): number {
    let highest = this.#history.epoch + at;
    let offset = 0;
    for (const step of this.#history.clockSteps) {
      if (step.from > at) break;
      // The mark may have been kept just before the clock was set back.
      highest = Math.max(highest, this.#history.epoch + step.to + offset);
      offset = step.offsetMs;
    }
    return Math.max(highest, this.#history.epoch + at + offset);
  }
}

/** The secrets of a history, but for those of which the guarantee lets nothing be demanded. */
export function secretViews(history: History, guarantee: Guarantee): SecretView[] {
  const bySecret = new Map<number, Call[]>();
  for (const call of history.calls) {
    const calls = bySecret.get(call.secret);
    if (calls) calls.push(call);
    else bySecret.set(call.secret, [call]);
  }
  const time = new StoreTime(history);
  const forgetting = history.faults.filter(({ kind }) => guarantee.forgets.includes(kind));
  const undoing = history.faults.filter(({ kind }) => guarantee.undoes.includes(kind));
  return history.secrets.flatMap((facts): SecretView[] => {
    const calls = (bySecret.get(facts.secret) ?? []).sort((a, b) => a.invokedAt - b.invokedAt);
    const [first] = calls;
    if (first === undefined) return [];
    const last = Math.max(...calls.map(({ completedAt }) => completedAt));
    if (undoing.some(({ from, to }) => from <= last && first.invokedAt <= to)) return [];
    const mayBeForgotten = (at: number) =>
      forgetting.some(({ from, to }) => from <= at && first.invokedAt <= to);
    return [{ facts, calls, time, mayBeForgotten }];
  });
}

/** True when the caller cannot know whether the step happened, or whether it still will. */
export function isUnknown({ outcome }: Call): boolean {
  return isUnknownOutcome(outcome);
}

export function isUnknownOutcome(outcome: Outcome): boolean {
  return (
    outcome.is === "none" ||
    outcome.is === "strange" ||
    isProblem(outcome, "unavailable", "internal", "store_full", "timeout")
  );
}

/** True when the caller got bytes, all or some. */
export function gotBytes({ outcome }: Call): boolean {
  return outcome.is === "bytes" || outcome.is === "cut";
}

export function isProblem<C extends string>(outcome: Outcome, ...codes: readonly C[]): boolean {
  return outcome.is === "problem" && (codes as readonly string[]).includes(outcome.code);
}

/** Opens with all that the secret asks for. */
export function isRightOpen(call: Call): boolean {
  return call.kind === "open" && call.showing === "right";
}

/** When it was confirmed that the secret is live: the first 201's end, and the expiry it told. */
export function confirmedLive(view: SecretView): { readonly call: Call; readonly expiresAt: number } | null {
  let earliest: { call: Call; expiresAt: number } | null = null;
  for (const call of view.calls) {
    if (call.kind !== "deposit" || call.outcome.is !== "done" || call.outcome.expiresAt === undefined)
      continue;
    if (earliest === null || call.completedAt < earliest.call.completedAt)
      earliest = { call, expiresAt: call.outcome.expiresAt };
  }
  return earliest;
}
