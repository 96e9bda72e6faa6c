import type { AcknowledgeAnswer } from "../contract/secrets.ts";
import { NOT_FOUND } from "../outcomes.ts";
import { count, word } from "./answer.ts";
import { recordKey } from "./keys.ts";
import { secretScript } from "./record.ts";
import { binary } from "./script-command.ts";
import type { Steps } from "./steps.ts";

/**
 * Ends the claim's lease now. If no lease and no read is left, destroys the parts and tells so. Idempotent,
 * also after the end.
 */
export const ACKNOWLEDGE = secretScript(
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
local ended = r.end_state
if r.end_state == 'opened' and r.state == 'live' and any_unconfirmed(r) then
  -- A halt may have cut off another claim's lease. Only a sweep knows, so the secret is not ended here.
  ended = false
elseif r.end_state then
  end_and_tell(r)
else
  -- Also for a confirmed claim: an earlier run of this step may have stopped here.
  if r.left == 0 then
    local last = r.reads == '1' and now or last_lease()
    end_with_leases(r, last)
    ended = last <= now
  end
end
return { now, 'acknowledged', ended and 1 or 0 }
`,
);

/** `onEnd` is called if no lease or read is left. */
export async function acknowledge(
  steps: Steps,
  request: { readonly id: string; readonly claim: Uint8Array },
  onEnd: () => void = () => {},
): Promise<AcknowledgeAnswer> {
  const answer = await steps.execute(ACKNOWLEDGE, [recordKey(request.id)], [binary(request.claim)]);
  if (word(answer, 1) !== "acknowledged") return NOT_FOUND;
  if (count(answer, 2) === 1) onEnd();
  return { outcome: "acknowledged" };
}
