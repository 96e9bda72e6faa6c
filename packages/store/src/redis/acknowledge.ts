import type { AcknowledgeAnswer } from "../contract/secrets.ts";
import { NOT_FOUND } from "../outcomes.ts";
import { count, word } from "./answer.ts";
import { binary, type Steps } from "./connection.ts";
import { recordKey } from "./keys.ts";
import { secretScript } from "./record.ts";

/** Confirmed: the claim's lease ends now, and with the last one the parts go, which is told. After the end it stays confirmed. */
export const ACKNOWLEDGE = secretScript(
  "acknowledge",
  1,
  "allow-oom",
  `
local hash = ARGV[2]
local r = find()
local claim = r and r.state ~= 'reserved' and claim_of(hash)
if not claim then return NOT_FOUND end
to_be_confirmed(r)
if r.state == 'live' and not claim.confirmed then confirm_claim(hash, claim) end
local ended = r.over
if r.over == 'opened' and r.state == 'live' and any_unconfirmed(r) then
  -- Another's lease may have been cut off by a halt: ending it is for those who know.
  ended = false
elseif r.over then
  gone(r)
else
  -- Also when it is confirmed already: the step may have broken off here.
  if r.left == 0 then
    local last = r.reads == '1' and now or last_lease()
    end_with_leases(r, last)
    ended = last <= now
  end
end
return { now, 'acknowledged', ended and 1 or 0 }
`,
);

/** `onEnd` is called when nothing is left that a lease could end. */
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
