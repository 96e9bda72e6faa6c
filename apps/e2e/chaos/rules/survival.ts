/**
 * Rule `survival`: whoever comes with all that the secret asks for is refused only for a cause that is in the history. A cause is
 * anything that began before the refusal was answered and may have happened, so that no violation is claimed by chance.
 */
import { PASSPHRASE_ATTEMPTS } from "@mayfly/wire";
import type { Call, History } from "../history.ts";
import {
  confirmedLive,
  gotBytes,
  isProblem,
  isRightOpen,
  isUnknown,
  type SecretView,
  TOLERANCE_MS,
  type Violation,
} from "./view.ts";

export function survival(view: SecretView, history: Pick<History, "calmAt">): Violation[] {
  const { facts, calls } = view;
  const found: Violation[] = [];
  const say = (sentence: string, ...proof: Call[]) =>
    found.push({ rule: "survival", secret: facts.secret, sentence, proof });
  const live = confirmedLive(view);
  if (live === null) return found;

  for (const call of calls) {
    if (call.invokedAt < live.call.completedAt || call.showing === "stranger") continue;
    if (view.mayBeForgotten(call.completedAt)) continue;
    const { outcome } = call;
    if (outcome.is !== "problem") continue;
    if (
      outcome.code === "not_found" &&
      (isRightOpen(call) || call.kind === "status" || call.kind === "burn")
    ) {
      say(`a secret that was confirmed is unknown to ${call.kind}`, live.call, call);
    }
    if (outcome.code === "not_found" && ["part", "acknowledge"].includes(call.kind)) {
      const read = facts.reads === "unlimited" ? undefined : readBefore(calls, call);
      if (read) say(`a claim that had read is unknown to ${call.kind}`, read, call);
    }
    if (outcome.code !== "gone" || !isRightOpen(call)) continue;
    if (!hasCause(view, live.expiresAt, call))
      say(`a reader was refused (${outcome.state}) with nothing that ended the secret`, live.call, call);
  }

  const afterwards = calls.filter((call) => call.by === "probe" && call.invokedAt >= history.calmAt);
  const last = afterwards.at(-1);
  if (last !== undefined && afterwards.every((call) => isUnknown(call) || isProblem(call.outcome, "halted")))
    say("no answer at the end, though the faults had stopped", live.call, last);
  return found;
}

function readBefore(calls: readonly Call[], call: Call): Call | undefined {
  return calls.find(
    (other) => other.claim === call.claim && gotBytes(other) && other.completedAt < call.invokedAt,
  );
}

/** Whether something in the history may have brought about this `gone`, for its very reason. */
function hasCause(view: SecretView, expiresAt: number, refused: Call): boolean {
  const { calls, time, facts } = view;
  const state = refused.outcome.is === "problem" ? refused.outcome.state : undefined;
  const before = calls.filter((call) => call !== refused && call.invokedAt < refused.completedAt);
  switch (state) {
    case "expired":
      return time.most(refused.completedAt) >= expiresAt - TOLERANCE_MS;
    case "burned":
      return before.some(({ kind, showing }) => kind === "burn" && showing === "right");
    case "locked":
      return before.filter(({ showing }) => showing === "wrong_passphrase").length >= PASSPHRASE_ATTEMPTS;
    case "opened": {
      if (facts.reads !== "unlimited" && readsTaken(before, refused) >= facts.reads) return true;
      return ownReadIsOver(view, before, refused);
    }
    default:
      return false;
  }
}

/** Other claims that may have taken a read before. */
function readsTaken(before: readonly Call[], refused: Call): number {
  const claims = new Set<string>();
  for (const call of before) {
    if (call.claim === undefined || call.claim === refused.claim) continue;
    if (gotBytes(call) || (isRightOpen(call) && isUnknown(call))) claims.add(call.claim);
  }
  return claims.size;
}

/** Whether the refused claim may have read before, and that read may be over: acknowledged, or past its lease, or cut short by a burn. */
function ownReadIsOver({ facts, time }: SecretView, before: readonly Call[], refused: Call): boolean {
  const own = before.filter((call) => call.claim === refused.claim);
  const first = own.find((call) => isRightOpen(call) && (gotBytes(call) || isUnknown(call)));
  if (first === undefined) return false;
  if (own.some(({ kind }) => kind === "acknowledge")) return true;
  if (before.some(({ kind, showing }) => kind === "burn" && showing === "right")) return true;
  return time.most(refused.completedAt) >= time.least(first.invokedAt) + facts.leaseMs - TOLERANCE_MS;
}
