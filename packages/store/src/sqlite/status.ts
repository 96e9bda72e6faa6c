import type { StatusAnswer } from "../contract/secrets.ts";
import { PASSPHRASE_ATTEMPTS } from "../life.ts";
import { NOT_FOUND } from "../outcomes.ts";
import type { Transaction } from "./commits.ts";
import { constantTimeEqual, find } from "./record.ts";

type Asking = { id: string } & ({ link: Uint8Array } | { manage: Uint8Array });

export function status(transaction: Transaction, request: Asking): StatusAnswer {
  const found = find(transaction, request.id);
  if (!found) return NOT_FOUND;
  const { row } = found;
  const entitled =
    "link" in request
      ? row.state !== "reserved" && constantTimeEqual(row.link, request.link)
      : constantTimeEqual(row.manage, request.manage);
  if (!entitled) return NOT_FOUND;
  const passphrase = row.passphrase !== null;
  const told = { outcome: "status", expiresAt: row.expires_at, passphrase, openedAt: row.opened_at } as const;
  if (found.kind === "ended") {
    const { state, endedAt } = found;
    return { ...told, state, readsLeft: 0, attemptsLeft: passphrase ? 0 : null, endedAt };
  }
  const failed = found.row.attempts.byteLength / 16;
  return {
    ...told,
    state: found.row.state === "live" && row.reads_left === 0 ? "claimed" : found.row.state,
    readsLeft: row.reads_left ?? "unlimited",
    attemptsLeft: passphrase ? PASSPHRASE_ATTEMPTS - failed : null,
    endedAt: null,
  };
}
