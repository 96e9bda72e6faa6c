import type { BurnAnswer } from "../contract/secrets.ts";
import { notFoundOrGone, word } from "./answer.ts";
import { recordKey } from "./keys.ts";
import { secretScript } from "./record.ts";
import { binary } from "./script-command.ts";
import type { Steps } from "./steps.ts";

export const BURN = secretScript(
  "burn",
  1,
  "allow-oom",
  `
local r = find()
if not r or r.manage ~= ARGV[2] then return NOT_FOUND end
write_for_wait(r)
if r.state == 'reserved' then
  each_part(r, 'DEL')
  redis.call('DEL', key)
elseif not r.end_state and r.left == 0 then
  r.end_state, r.ended_at = 'opened', now
  return end_and_tell(r)
elseif not r.end_state then
  end_secret(r, 'burned', now)
elseif r.end_state ~= 'burned' then
  return end_and_tell(r)
end
return { now, 'burned' }
`,
);

export async function burn(
  steps: Steps,
  request: { readonly id: string; readonly manage: Uint8Array },
): Promise<BurnAnswer> {
  const answer = await steps.execute(BURN, [recordKey(request.id)], [binary(request.manage)]);
  return word(answer, 1) === "burned" ? { outcome: "burned" } : notFoundOrGone(answer);
}
