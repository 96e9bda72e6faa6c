import type { OpenAnswer, Opening, PartAnswer, Reads } from "../contract/secrets.ts";
import { type Answer, bytes, count, notFoundOrGone, word } from "./answer.ts";
import { partKey, recordKey } from "./keys.ts";
import { secretScript } from "./record.ts";
import { binary } from "./script-command.ts";
import type { Steps } from "./steps.ts";

/**
 * KEYS: record, part 0. Checks in the contract's order. All parts are checked before a read is taken: a
 * missing part must not cost a read.
 */
const OPEN = secretScript(
  "open",
  2,
  "",
  `
local link, passphrase, hash, attempt = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local r = find()
if not r or r.state == 'reserved' or r.link ~= link then return NOT_FOUND end
write_for_wait(r)
if r.end_state then return end_and_tell(r) end
local claim, broken = claim_of(hash)
if broken then return NOT_FOUND end
if r.left == 0 and not (claim and claim.ends > now) then
  return { now, 'gone', 'opened', claim and claim.ends or r.taken }
end

if r.passphrase then
  if passphrase == '' then return { now, 'passphrase_required' } end
  if passphrase ~= r.passphrase then
    if r.left == 0 then return { now, 'gone', 'opened', r.taken } end
    for i = 1, r.failed do
      if redis.call('HGET', key, 'attempt:' .. i) == attempt then return { now, 'wrong_passphrase', ATTEMPTS - i } end
    end
    r.failed = r.failed + 1
    if r.failed >= ATTEMPTS then
      end_secret(r, 'locked', now)
      return { now, 'gone', 'locked', now }
    end
    redis.call('HSET', key, 'failed', r.failed, 'attempt:' .. r.failed, attempt)
    return { now, 'wrong_passphrase', ATTEMPTS - r.failed }
  end
end

local function opened(bytes, ends)
  return { now, 'opened', bytes, r.parts, r.bytes, r.left or -1, ends }
end

if claim then
  if claim.ends <= now then return { now, 'gone', 'opened', claim.ends } end
  local bytes = part_of(r, 0, KEYS[2])
  if not bytes then return NOT_FOUND end
  return opened(bytes, claim.ends)
end

-- A claim ends with the time until which it is remembered; a third time marks it as acknowledged. Claims are not
-- parsed further, for speed: there may be 2 * RUNNING.
if not r.left then
  local running, confirmed, all = 0, 0, redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    if is_claim(all[i]) then
      local acknowledged = string.find(all[i + 1], ' ', 15, true)
      local remembered = tonumber(string.sub(all[i + 1], -13))
      if not remembered or remembered <= now then redis.call('HDEL', key, all[i])
      elseif not acknowledged then running = running + 1
      elseif confirmed < RUNNING then confirmed = confirmed + 1
      else redis.call('HDEL', key, all[i]) end
    end
  end
  if running >= RUNNING then return { now, 'busy' } end
end
local bytes = part_of(r, 0, KEYS[2])
if not bytes or r.parts > 1 and not is_whole(r) then return NOT_FOUND end

local ends = math.min(now + r.lease, r.expires)
-- An earlier opener may have seen a later time: the last read must not precede the first.
redis.call('HSET', key, 'opened', r.opened or now, 'taken', math.max(now, r.opened or now))
keep_claim(hash, now, ends)
if r.left then
  r.left = r.left - 1
  redis.call('HSET', key, 'left', r.left)
  if r.left == 0 then end_with_leases(r, r.reads == '1' and ends or last_lease()) end
end
return opened(bytes, ends)
`,
);

/**
 * KEYS: record, part. Runs although memory is full: a reader in the middle of an envelope must be able to
 * finish.
 */
const PART = secretScript(
  "part",
  2,
  "allow-oom",
  `
local hash, n = ARGV[2], tonumber(ARGV[3])
local r = find()
local claim = r and r.state ~= 'reserved' and claim_of(hash)
if not claim then return NOT_FOUND end
write_for_wait(r)
if r.end_state then return end_and_tell(r) end
if claim.ends <= now then return { now, 'gone', 'opened', claim.ends } end
if n < 0 or n >= r.parts or n ~= math.floor(n) then return NOT_FOUND end
local bytes = part_of(r, n, KEYS[2])
if not bytes then return NOT_FOUND end
local ends = math.max(claim.ends, math.min(now + r.lease, claim.bound + lease_in_all_ms(r.bytes), r.expires))
if n == 0 then ends = claim.ends end
if ends > claim.ends then
  keep_claim(hash, claim.bound, ends)
  if r.left == 0 and ends > r.leases then redis.call('HSET', key, 'leases', ends) end
end
return { now, 'part', bytes, ends }
`,
);

export async function open(steps: Steps, opening: Opening): Promise<OpenAnswer> {
  const { id, link, passphrase, claim, attempt } = opening;
  const answer = await steps.execute(
    OPEN,
    [recordKey(id), partKey(id, 0)],
    [binary(link), passphrase === null ? "" : binary(passphrase), binary(claim), binary(attempt)],
  );
  switch (word(answer, 1)) {
    case "opened":
      return {
        outcome: "opened",
        part: bytes(answer, 2),
        parts: count(answer, 3),
        bytes: count(answer, 4),
        readsLeft: reads(answer, 5),
        leaseEnds: count(answer, 6),
      };
    case "passphrase_required":
      return { outcome: "passphrase_required" };
    case "wrong_passphrase":
      return { outcome: "wrong_passphrase", attemptsLeft: count(answer, 2) };
    case "busy":
      return { outcome: "busy" };
    default:
      return notFoundOrGone(answer);
  }
}

export async function part(
  steps: Steps,
  request: { readonly id: string; readonly claim: Uint8Array; readonly part: number },
): Promise<PartAnswer> {
  const keys = [recordKey(request.id), partKey(request.id, request.part)];
  const answer = await steps.execute(PART, keys, [binary(request.claim), request.part]);
  if (word(answer, 1) !== "part") return notFoundOrGone(answer);
  return { outcome: "part", part: bytes(answer, 2), leaseEnds: count(answer, 3) };
}

/** Reads left; scripts answer −1 for "unlimited". */
export function reads(answer: Answer, index: number): Reads {
  const left = count(answer, index);
  return left < 0 ? "unlimited" : left;
}
