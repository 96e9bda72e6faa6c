import { createClient, type State, type Status } from "@mayfly/client";
import { time } from "../amounts.ts";
import { linkGiven } from "../input/link.ts";
import { answer, answerJson } from "../output/answer.ts";
import { table } from "../output/table.ts";
import { serverFor } from "../server.ts";
import type { Session } from "../session.ts";

const states: Record<State, string> = {
  reserved: "not stored yet",
  live: "waiting to be opened",
  claimed: "being opened now",
  opened: "opened and destroyed",
  expired: "expired and destroyed",
  burned: "deleted by its sender",
  locked: "destroyed after too many wrong passphrases",
};

/** Tells where a secret is in its life. */
export async function status({ invocation, io, terminal }: Session): Promise<void> {
  const { code, origin } = await linkGiven(invocation, io, terminal, "any");
  const server = serverFor(invocation, io, origin);
  const told = await createClient({ server }).status(code, { signal: io.signal });
  if (invocation.has("json")) return answerJson(io, told);
  await answer(io, table(rowsOf(told)));
}

function rowsOf({ state, openedAt, endedAt, expiresAt, readsLeft, attemptsLeft }: Status) {
  const rows: [string, string][] = [["State", states[state]]];
  rows.push(["First opened", openedAt === undefined ? "not yet" : time(openedAt)]);
  if (endedAt !== undefined) return [...rows, ["Ended", time(endedAt)] as const];
  rows.push(["Expires", time(expiresAt)], ["Reads left", String(readsLeft)]);
  if (attemptsLeft !== null) rows.push(["Passphrase tries left", String(attemptsLeft)]);
  return rows;
}
