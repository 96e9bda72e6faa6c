/** Rule `passphrase`. */
import { PASSPHRASE_ATTEMPTS } from "@mayfly/wire";
import type { Call } from "../history.ts";
import { gotBytes, isProblem, isUnknown, type SecretView, type Violation } from "./view.ts";

/** An answered wrong attempt. */
interface Evaluated {
  readonly call: Call;
  readonly left: number;
}

export function passphrase({ facts, calls }: SecretView): Violation[] {
  const found: Violation[] = [];
  const say = (sentence: string, ...proof: Call[]) =>
    found.push({ rule: "passphrase", secret: facts.secret, sentence, proof });

  const wrong = calls.filter(({ showing }) => showing === "wrong_passphrase");
  for (const call of calls) {
    if (call.showing === "wrong_passphrase" || call.showing === "no_passphrase") {
      if (gotBytes(call)) say("bytes for a passphrase that is wrong or absent", call);
    }
    if (call.showing === "right" && isProblem(call.outcome, "wrong_passphrase", "passphrase_required"))
      say("the right passphrase was called wrong", call);
  }

  const evaluated = wrong.flatMap((call): Evaluated[] =>
    call.outcome.is === "problem" && call.outcome.code === "wrong_passphrase"
      ? [{ call, left: call.outcome.attemptsLeft ?? Number.NaN }]
      : [],
  );
  const byLeft = new Map<number, Call>();
  for (const { call, left } of evaluated) {
    const same = byLeft.get(left);
    if (same) say(`two wrong passphrases were both told ${left} left: one was free`, same, call);
    byLeft.set(left, call);
  }
  for (const { call, left } of evaluated) {
    const later = evaluated.find((other) => call.completedAt < other.call.invokedAt && other.left >= left);
    if (later) say("the attempts left did not fall", call, later.call);
    const { least, most } = spent(wrong, call);
    const told = PASSPHRASE_ATTEMPTS - left;
    if (!(told > least && told <= most))
      say(`told ${left} left, where ${least + 1} to ${most} attempts had been made`, call);
  }
  for (const call of calls) {
    if (call.outcome.is !== "status" || call.outcome.attemptsLeft === null) continue;
    if (!["live", "claimed"].includes(call.outcome.state)) continue;
    const told = PASSPHRASE_ATTEMPTS - call.outcome.attemptsLeft;
    const { least, most } = spent(wrong, call);
    if (told < least || told > most)
      say(`the status tells ${told} spent, where it was ${least} to ${most}`, call);
  }
  return found;
}

/** How many attempts had been spent when `at` was answered, itself left out at the lower bound. */
function spent(wrong: readonly Call[], at: Call): { readonly least: number; readonly most: number } {
  const least = wrong.filter(
    (call) => isProblem(call.outcome, "wrong_passphrase") && call.completedAt < at.invokedAt,
  ).length;
  const most = wrong.filter(
    (call) =>
      call.invokedAt < at.completedAt &&
      (isUnknown(call) || isProblem(call.outcome, "wrong_passphrase", "gone")),
  ).length;
  return { least, most };
}
