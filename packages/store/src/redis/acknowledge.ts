import type { AcknowledgeAnswer } from "../contract/secrets.ts";
import { NOT_FOUND } from "../outcomes.ts";
import { count, word } from "./answer.ts";
import { recordKey } from "./keys.ts";
import { secretScript } from "./record.ts";
import { binary } from "./script-command.ts";
import type { Steps } from "./steps.ts";

/**
 * Ends the claim's lease now. If no lease and no read is left, destroys the parts. Answers -1 if the secret
 * has ended, else when it is due to end; 0 while reads are left. Idempotent, also after the end.
 */
const ACKNOWLEDGE = secretScript(
  "acknowledge",
  1,
  "allow-oom",
  `
local hash = ARGV[2]
local r = find()
local claim = r and r.state ~= 'reserved' and claim_of(hash)
if not claim then return NOT_FOUND end
write_for_wait(r)
if r.state == 'live' and not claim.confirmed then confirm_claim(hash, claim) end
local due = r.end_state and -1 or 0
-- A halt may have cut off another claim's lease. Only endDue or a sweep knows, so the secret is not ended here.
if r.end_state == 'opened' and r.state == 'live' and any_unconfirmed(r) then
  due = r.leases
elseif r.end_state then
  end_and_tell(r)
elseif r.left == 0 then
  -- Also for a confirmed claim: an earlier run of this step may have stopped here.
  local last = r.reads == '1' and now or last_lease()
  if last <= now and not any_unconfirmed(r) then
    end_secret(r, 'opened', last)
    due = -1
  else
    due = math.max(last, now)
    redis.call('HSET', key, 'leases', due)
  end
end
return { now, 'acknowledged', due }
`,
);

/** `onEnd` is called if no lease or read is left, `onDue` with the time if only leases of others are left. */
export async function acknowledge(
  steps: Steps,
  request: { readonly id: string; readonly claim: Uint8Array },
  onEnd: () => void = () => {},
  onDue: (at: number) => void = () => {},
): Promise<AcknowledgeAnswer> {
  const answer = await steps.execute(ACKNOWLEDGE, [recordKey(request.id)], [binary(request.claim)]);
  if (word(answer, 1) !== "acknowledged") return NOT_FOUND;
  const due = count(answer, 2);
  if (due < 0) onEnd();
  else if (due > 0) onDue(due);
  return { outcome: "acknowledged" };
}
