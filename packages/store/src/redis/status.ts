import type { SecretState, StatusAnswer, Store } from "../contract.ts";
import { count, countOrNull, NOT_FOUND, unexpected, word } from "./answer.ts";
import { binary, type Steps } from "./connection.ts";
import { recordKey } from "./keys.ts";
import { reads } from "./open.ts";
import { secretScript } from "./record.ts";

/** ARGV: which verifier is shown, "link" or "manage", and its hash. */
export const STATUS = secretScript(
  "status",
  1,
  "no-writes",
  `
local by, hash = ARGV[2], ARGV[3]
local r = find()
if not r or r[by] ~= hash or r.state == 'reserved' and by == 'link' then return NOT_FOUND end
local attempts = not r.passphrase and -1 or r.over and 0 or ATTEMPTS - r.failed
local state, left = r.over or r.state, r.over and 0 or r.left or -1
if state == 'live' and left == 0 then state = 'claimed' end
return { now, 'status', state, r.expires or r.due, left, r.passphrase and 1 or 0, attempts, r.opened or -1, r.at or -1 }
`,
);

export async function status(steps: Steps, request: Parameters<Store["status"]>[0]): Promise<StatusAnswer> {
  const shown = "link" in request ? ["link", binary(request.link)] : ["manage", binary(request.manage)];
  const answer = await steps.execute(STATUS, [recordKey(request.id)], shown);
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
