import type { SecretState, StatusAnswer } from "../contract/secrets.ts";
import type { Store } from "../contract/store.ts";
import { PASSPHRASE_ATTEMPTS } from "../life.ts";
import { NOT_FOUND } from "../outcomes.ts";
import { count, countOrNull, unexpected, word } from "./answer.ts";
import { recordKey } from "./keys.ts";
import { reads } from "./open.ts";
import { type Script, secretScript } from "./record.ts";
import { binary } from "./script-command.ts";
import type { Steps } from "./steps.ts";

/** ARGV: the kind of the caller's hash, "link" or "manage", and the hash. */
const TOLD = `
local by, hash = ARGV[2], ARGV[3]
local r = find()
if not r or r[by] ~= hash or r.state == 'reserved' and by == 'link' then return NOT_FOUND end
write_for_wait(r)
local attempts = not r.passphrase and -1 or r.end_state and 0 or ATTEMPTS - r.failed
local state, left = r.end_state or r.state, r.end_state and 0 or r.left or -1
if state == 'live' and left == 0 then state = 'claimed' end
return { now, 'status', state, r.expires or r.due, left, r.passphrase and 1 or 0, attempts, r.opened or -1, r.ended_at or -1 }
`;

/** Runs also where nothing may be written. */
const STATUS = secretScript("status", 1, "no-writes", TOLD);

/** Writes for WAIT (record.ts). */
const CONFIRMED_STATUS = secretScript("confirmed_status", 1, "allow-oom", TOLD);

type Request = Parameters<Store["status"]>[0];

export function status(steps: Steps, request: Request): Promise<StatusAnswer> {
  return ask(steps, STATUS, request);
}

/**
 * With awaited replicas: reports only replicated reads, ends and attempts. Otherwise a failover could refund
 * guesses. An untouched secret is reported without waiting. `deadline`: see Steps.
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

/** True if the answer reports a read, an end or a wrong passphrase. */
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
