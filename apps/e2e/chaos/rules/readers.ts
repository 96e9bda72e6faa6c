/** Rules `readers` and `bytes`. */
import type { Call } from "../history.ts";
import { gotBytes, type SecretView, type Violation } from "./view.ts";

/** Counts the claims that ever got bytes against the reads that were asked for. */
export function readers({ facts, calls }: SecretView): Violation[] {
  if (facts.reads === "unlimited") return [];
  const first = new Map<string, Call>();
  for (const call of calls) {
    if (gotBytes(call) && call.claim !== undefined && !first.has(call.claim)) first.set(call.claim, call);
  }
  if (first.size <= facts.reads) return [];
  return [
    {
      rule: "readers",
      secret: facts.secret,
      sentence: `${first.size} claims got bytes of a secret with ${facts.reads} read(s)`,
      proof: [...first.values()],
    },
  ];
}

/** Compares what was read with what was deposited; and the same deposit again has to be the same success. */
export function bytes({ facts, calls }: SecretView): Violation[] {
  const found: Violation[] = [];
  const say = (sentence: string, ...proof: Call[]) =>
    found.push({ rule: "bytes", secret: facts.secret, sentence, proof });
  let live: Call | null = null;
  for (const call of calls) {
    const { outcome } = call;
    if (outcome.is === "bytes" && outcome.hash !== facts.parts[call.part ?? 0])
      say(`part ${call.part ?? 0} was read with other bytes than were deposited`, call);
    if (call.kind !== "deposit" || call.showing !== "right") continue;
    if (outcome.is === "problem" && outcome.code === "conflict")
      say("the same bytes deposited again were taken for others", call);
    if (outcome.is !== "done" || outcome.expiresAt === undefined) continue;
    const before = live?.outcome;
    if (live === null) live = call;
    else if (before?.is === "done" && before.expiresAt !== outcome.expiresAt)
      say("a deposit sent again moved the expiry", live, call);
  }
  return found;
}
