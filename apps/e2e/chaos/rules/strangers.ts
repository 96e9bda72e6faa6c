/** Rules `strangers` and `answers`. */
import { problems } from "@mayfly/wire";
import type { Call } from "../history.ts";
import { isProblem, type SecretView, type Violation } from "./view.ts";

/** Redis without memory refuses a deposit before it has looked for anything: to whom and for which id it is the same. */
const unseen = ({ kind, outcome }: Call) => kind === "deposit" && isProblem(outcome, "store_full");

/**
 * A stranger is told that there is nothing, or to come again later. That he changed nothing is seen by the other rules: no read
 * taken, no attempt spent, no end is explained by a stranger's call.
 */
export function strangers({ facts, calls }: SecretView): Violation[] {
  return calls
    .filter(
      ({ showing, outcome }) => showing === "stranger" && outcome.is !== "none" && outcome.is !== "strange",
    )
    .filter(
      ({ outcome }) => !isProblem(outcome, "not_found", "rate_limited", "halted", "unavailable", "internal"),
    )
    .filter((call) => !unseen(call))
    .map((call) => ({
      rule: "strangers",
      secret: facts.secret,
      sentence: `a stranger's ${call.kind} was answered as if he held the link`,
      proof: [call],
    }));
}

/** Codes that a well-formed call can meet, by kind; what is malformed is not this run's business. */
const allowed: Readonly<Record<Call["kind"], readonly (keyof typeof problems)[]>> = {
  reserve: ["quota_exceeded", "store_full"],
  deposit: ["not_found", "conflict", "gone", "quota_exceeded", "store_full"],
  open: ["passphrase_required", "wrong_passphrase", "not_found", "gone"],
  part: ["not_found", "gone"],
  acknowledge: ["not_found"],
  status: ["not_found"],
  burn: ["not_found", "gone"],
};
const anywhere: readonly (keyof typeof problems)[] = ["rate_limited", "busy", "unavailable", "halted"];
/** Only what destroys works while halted, and so is never told of the halt. */
const neverHalted: readonly Call["kind"][] = ["acknowledge", "burn"];

export function answers(calls: readonly Call[]): Violation[] {
  return calls.flatMap((call): Violation[] => {
    const sentence = fault(call);
    return sentence === null ? [] : [{ rule: "answers", secret: call.secret, sentence, proof: [call] }];
  });
}

function fault({ kind, outcome }: Call): string | null {
  if (outcome.is === "strange") return `${kind} was answered with what is no answer: ${outcome.why}`;
  if (outcome.is !== "problem") return null;
  const { status, code } = outcome;
  if (problems[code]?.status !== status) return `${kind} was answered ${status} with the code ${code}`;
  if (code === "halted" && neverHalted.includes(kind)) return `${kind} was refused by the halt`;
  if (anywhere.includes(code) || allowed[kind].includes(code)) return null;
  return `${kind} was answered ${code}`;
}
