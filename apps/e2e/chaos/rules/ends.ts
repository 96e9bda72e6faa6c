/** Rules `ends` and `expiry`. */
import { END_STATES } from "@mayfly/wire";
import type { Call } from "../history.ts";
import { confirmedLive, gotBytes, type SecretView, TOLERANCE_MS, type Violation } from "./view.ts";

/** Who can get nothing more, by an answer: one claim, or everybody. */
function endFor(call: Call, reads: number | "unlimited"): "everybody" | string | null {
  const { outcome, kind, claim } = call;
  if (kind === "burn" && outcome.is === "done") return "everybody";
  if (kind === "acknowledge" && outcome.is === "done") return reads === 1 ? "everybody" : (claim ?? null);
  if (outcome.is === "status") {
    return END_STATES.some((end) => end === outcome.state) ? "everybody" : null;
  }
  if (outcome.is !== "problem" || outcome.code !== "gone") return null;
  // With the last read taken a burn ends the secret as opened.
  if (kind === "burn") return "everybody";
  // To an opener who comes while another's lease still runs it is gone too: that is no end for the other.
  if (outcome.state === "opened") return claim ?? null;
  return "everybody";
}

/** No call that began after an end was answered gets bytes. */
export function ends(view: SecretView): Violation[] {
  const { facts, calls } = view;
  const found: Violation[] = [];
  const earliest = new Map<string, Call>();
  for (const call of calls) {
    const whom = endFor(call, facts.reads);
    if (whom === null) continue;
    const known = earliest.get(whom);
    if (known === undefined || call.completedAt < known.completedAt) earliest.set(whom, call);
  }
  for (const call of calls) {
    if (!gotBytes(call)) continue;
    for (const whom of ["everybody", call.claim ?? ""]) {
      const end = earliest.get(whom);
      if (end === undefined || call.invokedAt < end.completedAt) continue;
      if (whom !== "everybody" && mayBeForgotten(view, call)) continue;
      found.push({
        rule: "ends",
        secret: facts.secret,
        sentence: `bytes were read after ${end.kind} had been answered`,
        proof: [end, call],
      });
      break;
    }
  }
  return found;
}

/** Nothing is read from its expiry on, nor by a claim from its lease's end on; and no lease outlives the expiry. */
export function expiry(view: SecretView): Violation[] {
  const { facts, calls, time } = view;
  const live = confirmedLive(view);
  const found: Violation[] = [];
  const say = (sentence: string, ...proof: Call[]) =>
    found.push({ rule: "expiry", secret: facts.secret, sentence, proof });
  for (const call of calls) {
    if (!gotBytes(call)) continue;
    const begun = time.least(call.invokedAt);
    if (live !== null && begun >= live.expiresAt + TOLERANCE_MS)
      say(`bytes were read ${Math.round(begun - live.expiresAt)} ms after the expiry`, live.call, call);
    if (live !== null && call.outcome.is === "bytes" && call.outcome.leaseEnds > live.expiresAt)
      say("a lease outlives the expiry", live.call, call);
    const lease = leaseBefore(view, call);
    if (lease !== null && begun >= lease.ends + TOLERANCE_MS && !isNewRead(call, lease.ends, facts.reads))
      say(`a claim read ${Math.round(begun - lease.ends)} ms after its lease`, lease.call, call);
  }
  return found;
}

/** Of unlimited reads a claim is forgotten some time after its lease; then it takes another read like any new one. */
function isNewRead({ kind, outcome }: Call, leaseEnded: number, reads: number | "unlimited"): boolean {
  if (reads !== "unlimited" || kind !== "open") return false;
  return outcome.is !== "bytes" || outcome.leaseEnds > leaseEnded;
}

/** Whether the claim of this open of unlimited reads may have been forgotten, and with it its own end. */
function mayBeForgotten(view: SecretView, call: Call): boolean {
  if (view.facts.reads !== "unlimited" || call.kind !== "open") return false;
  const lease = leaseBefore(view, call);
  if (lease === null) return true;
  const over = view.time.most(call.completedAt) >= lease.ends - TOLERANCE_MS;
  return over && isNewRead(call, lease.ends, view.facts.reads);
}

/** The end of the call's claim's lease, as answered before; null when nobody can know it. */
function leaseBefore(
  { calls }: SecretView,
  call: Call,
): { readonly call: Call; readonly ends: number } | null {
  let latest: { call: Call; ends: number } | null = null;
  for (const other of calls) {
    if (other === call || other.claim !== call.claim || other.invokedAt > call.invokedAt) continue;
    // A further part renews the lease, whether or not its answer came.
    if (other.kind === "part" && other.outcome.is !== "bytes" && other.outcome.is !== "problem") return null;
    if (other.kind === "part" && other.outcome.is === "problem" && other.outcome.code === "unavailable")
      return null;
    if (other.outcome.is !== "bytes" || other.completedAt > call.invokedAt) continue;
    if (latest === null || other.outcome.leaseEnds > latest.ends)
      latest = { call: other, ends: other.outcome.leaseEnds };
  }
  return latest;
}
