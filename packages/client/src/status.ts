import { deriveKeys, deriveManageToken, encodeBase64url } from "@mayfly/crypto";
import { READS, STATES, UNLIMITED_READS } from "@mayfly/wire";
import { demand, fieldsOf, isOneOf, time, whole } from "./answers.ts";
import type { EndState } from "./client-error.ts";
import type { Connection } from "./connection.ts";
import { codeOf, type LinkLike } from "./link-like.ts";
import { retried, threeTries } from "./retry.ts";

/** Where a secret is in its life. `claimed`: its last read was taken, and the lease is running. */
export type State = "reserved" | "live" | "claimed" | EndState;

/** A secret's status, for a holder of either link. Times are ISO 8601, by the service's clock. */
export interface Status {
  state: State;
  /** When it expires or would have; for a reservation, when the deposit must be complete. */
  expiresAt: string;
  readsLeft: number | "unlimited";
  /** Whether it wants a passphrase. */
  passphrase: boolean;
  /** Passphrase attempts left; null without a passphrase. */
  attemptsLeft: number | null;
  /** When it was first opened. */
  openedAt?: string;
  endedAt?: string;
}

/** Where a secret is in its life; changes nothing. Takes a link or a manage link. Throws ClientError. */
export async function status(
  connection: Connection,
  link: LinkLike,
  options: { signal?: AbortSignal } = {},
): Promise<Status> {
  const { kind, id, secret } = codeOf(link);
  const shown =
    kind === "manage"
      ? { bearer: encodeBase64url(deriveManageToken(secret)) }
      : { json: { linkProof: encodeBase64url(deriveKeys(secret).linkProof) } };
  const call = { id: encodeBase64url(id), ...shown, ...options };
  return retried(
    async () => statusAnswer(await (await connection.send("status", call)).json()),
    threeTries(options.signal),
  );
}

function statusAnswer(answer: unknown): Status {
  const { state, expiresAt, readsLeft, passphrase, attemptsLeft, openedAt, endedAt } = fieldsOf(answer);
  demand(isOneOf(STATES, state) && typeof passphrase === "boolean");
  const status: Status = {
    state,
    expiresAt: time(expiresAt),
    readsLeft: readsLeft === UNLIMITED_READS ? readsLeft : whole(readsLeft, 0, READS.max),
    passphrase,
    attemptsLeft: attemptsLeft === null ? null : whole(attemptsLeft, 0),
  };
  if (openedAt !== undefined) status.openedAt = time(openedAt);
  if (endedAt !== undefined) status.endedAt = time(endedAt);
  return status;
}
