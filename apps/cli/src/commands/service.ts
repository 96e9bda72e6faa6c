import { ClientError, createClient, type Service } from "@mayfly/client";
import { READS, UNLIMITED_READS } from "@mayfly/wire";
import { size, span, time } from "../amounts.ts";
import { answer, answerJson } from "../output/answer.ts";
import { table } from "../output/table.ts";
import { serverFor } from "../server.ts";
import type { Session } from "../session.ts";

/** Tells how the service is. Throws ClientError "halted", after it has told, when it is. */
export async function service({ invocation, io }: Session): Promise<void> {
  const server = serverFor(invocation, io);
  const told = await createClient({ server }).service({ signal: io.signal });
  if (invocation.has("json")) await answerJson(io, told);
  else await answer(io, table(rowsOf(server, told)));
  demandAccepting(told);
}

/** Throws ClientError "halted" unless the service accepts secrets. */
export function demandAccepting({ state }: Service): void {
  if (state === "halted") throw new ClientError("halted");
}

function rowsOf(server: string, { state, since, version, limits, maintenance }: Service) {
  const { lifetimeSeconds: lifetime } = limits;
  const never = "never";
  return [
    ["Service", server],
    ["State", state === "accepting" ? "accepts secrets" : "halted: its clean-up is overdue"],
    ["Since", time(since)],
    ["Version", version],
    ["Lifetimes", `${span(lifetime.min)} to ${span(lifetime.max)}, usually ${span(lifetime.default)}`],
    ["Reads", `${READS.min} to ${limits.readsMax}, or ${UNLIMITED_READS}`],
    ["Largest secret", `${size(limits.envelopeBytes)}, sealed`],
    ["Passphrase tries", String(limits.passphraseAttempts)],
    ["Last clean-up", maintenance.lastSweepAt === null ? never : time(maintenance.lastSweepAt)],
    ["Halts without one", maintenance.nextSweepBy === null ? never : time(maintenance.nextSweepBy)],
    ["Erased from files", erased(maintenance.erasedWithinSeconds)],
  ] as const;
}

/** When the sealed bytes of a secret that has ended are in no file of the service any more. */
function erased(seconds: number | null): string {
  return seconds === null ? "unknown" : `within ${span(seconds)} of their end`;
}
