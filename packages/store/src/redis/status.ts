import type { SecretState, StatusAnswer } from "../contract/secrets.ts";
import type { Store } from "../contract/store.ts";
import { PASSPHRASE_ATTEMPTS } from "../life.ts";
import { NOT_FOUND } from "../outcomes.ts";
import { count, countOrNull, unexpected, word } from "./answer.ts";
import { binary, type Steps } from "./connection.ts";
import { recordKey } from "./keys.ts";
import { reads } from "./open.ts";
import { type Script, secretScript } from "./record.ts";

/** ARGV: which verifier is shown, "link" or "manage", and its hash. */
const TOLD = `
local by, hash = ARGV[2], ARGV[3]
local r = find()
if not r or r[by] ~= hash or r.state == 'reserved' and by == 'link' then return NOT_FOUND end
to_be_confirmed(r)
local attempts = not r.passphrase and -1 or r.over and 0 or ATTEMPTS - r.failed
local state, left = r.over or r.state, r.over and 0 or r.left or -1
if state == 'live' and left == 0 then state = 'claimed' end
return { now, 'status', state, r.expires or r.due, left, r.passphrase and 1 or 0, attempts, r.opened or -1, r.at or -1 }
`;

/** Where nothing may be written either. */
export const STATUS = secretScript("status", 1, "no-writes", TOLD);

/** For replicas to confirm it writes what is there already (see record.ts). */
const CONFIRMED_STATUS = secretScript("confirmed_status", 1, "allow-oom", TOLD);

type Request = Parameters<Store["status"]>[0];

export function status(steps: Steps, request: Request): Promise<StatusAnswer> {
  return ask(steps, STATUS, request);
}

/**
 * Where replicas are waited for: a read, an end or a spent attempt that they have not confirmed is not told either, for it may be undone:
 * who asked for the state after each guess would have guessed for nothing. What was left alone is told whether or not they answer. `deadline`: see Steps.
 */
export async function confirmedStatus(
  steps: Steps,
  confirmed: Steps,
  request: Request,
  deadline: number,
): Promise<StatusAnswer> {
  const answer = await ask(steps, STATUS, request, deadline);
  return answer.outcome === "status" && isTouched(answer)
    ? ask(confirmed, CONFIRMED_STATUS, request, deadline)
    : answer;
}

/** A read, an end or a wrong passphrase is told. */
function isTouched({
  openedAt,
  endedAt,
  attemptsLeft,
}: Extract<StatusAnswer, { outcome: "status" }>): boolean {
  return openedAt !== null || endedAt !== null || (attemptsLeft ?? PASSPHRASE_ATTEMPTS) < PASSPHRASE_ATTEMPTS;
}

async function ask(steps: Steps, script: Script, request: Request, deadline?: number): Promise<StatusAnswer> {
  const shown = "link" in request ? ["link", binary(request.link)] : ["manage", binary(request.manage)];
  const answer = await steps.execute(script, [recordKey(request.id)], shown, deadline);
  switch (word(answer, 1)) {
    case "status":
      return {
        outcome: "status",
        state: word(answer, 2) as SecretState,
        expiresAt: count(answer, 3),
        readsLeft: reads(answer, 4),
        passphrase: count(answer, 5) === 1,
        attemptsLeft: countOrNull(answer, 6),
        openedAt: countOrNull(answer, 7),
        endedAt: countOrNull(answer, 8),
      };
    case "not_found":
      return NOT_FOUND;
    default:
      return unexpected();
  }
}
