import { secretScript } from "./record.ts";

/**
 * What is wrong with one record or part at the time `asof` (−1: now), as the kind of `Removed` that it counts as, "" when
 * nothing is. The same Lua finds and mends, so that what is mended is exactly what was found. Parts are asked for only while the
 * secret is live by now: Redis itself has dropped those of one that ended after `asOf`.
 */
const RECORD_FAULT = `
local ENDS = { opened = true, expired = true, burned = true, locked = true }

local function sane(r)
  if not r.link or #r.link ~= 32 or not r.manage or #r.manage ~= 32 then return false end
  if ENDS[r.state] then return r.ended and r.expires end
  if not r.bytes or not r.part or not r.parts or not r.lease then return false end
  if r.state == 'reserved' then return r.due and r.lifetime end
  return r.state == 'live' and r.expires and (r.left ~= 0 or r.leases)
end

local function proper_end(r)
  if r.state == 'reserved' then return r.due + TOMBSTONE end
  if r.state == 'live' then return r.expires + TOMBSTONE end
  return until_when(r.expires, r.ended)
end

local function fault(asof)
  if asof < 0 then asof = now end
  local kind = redis.call('TYPE', key).ok
  if kind == 'none' then return '' end
  if kind ~= 'hash' then return 'orphans', 'remove' end
  local r = load()
  if not r or not sane(r) then return 'orphans', 'remove' end
  if r.run ~= binding then return 'orphans', 'drop', r end
  if r.state == 'reserved' then
    if r.due <= asof then return 'reservations', 'drop', r end
  else
    settle(r, asof)
    if r.over and until_when(r.expires, r.at) <= asof then return 'tombstones', r.state == 'live' and 'drop' or 'remove', r end
    if r.over and r.state == 'live' then return r.over == 'opened' and 'leases' or 'expired', 'entomb', r end
    if r.state == 'live' then
      settle(r, now)
      if not r.over and each_part(r, 'EXISTS') < r.parts then
        r.over, r.at = r.left == 0 and 'opened' or 'expired', now
        return 'orphans', 'entomb', r
      end
    end
  end
  local expires = redis.call('PEXPIRETIME', key)
  if expires < 0 or expires > proper_end(r) then return 'orphans', 'expire', r end
  return '', nil, r
end

-- When something of this record ends next that Redis does not end by itself; -1 when nothing does.
local function next_end(r)
  if r and r.state == 'reserved' then return r.due end
  return r and r.state == 'live' and r.left == 0 and r.leases or -1
end

-- Leases and a reservation that were running when a halt began get their time anew, as if they began now; never past the expiry.
local function renew_cut_off(since)
  local r = load()
  if not r or r.run ~= binding or not sane(r) then return false end
  if r.state == 'reserved' then
    if r.due <= since then return false end
    r.due = now + deposit_ms(r.bytes)
    redis.call('HSET', key, 'due', r.due)
    redis.call('PEXPIREAT', key, proper_end(r))
    each_part(r, 'PEXPIREAT', proper_end(r))
    return true
  end
  if r.state ~= 'live' or not r.opened then return false end
  local ends, renewed = math.min(now + r.lease, r.expires), false
  local all = ends > now and redis.call('HGETALL', key) or {}
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 6) == 'claim:' then
      local claim = claim_in(all[i + 1])
      if not claim.confirmed and claim.ends > since then
        keep_claim(string.sub(all[i], 7), now, ends)
        renewed = true
      end
    end
  end
  if renewed and r.left == 0 then redis.call('HSET', key, 'leases', ends) end
  return renewed
end
`;

const PART_FAULT = `
local function fault()
  local expires = redis.call('PEXPIRETIME', KEYS[2])
  if expires == -2 then return '' end
  local r = redis.call('TYPE', key).ok == 'hash' and load()
  if not r or r.run ~= binding or not r.parts or tonumber(ARGV[2]) >= r.parts then return 'orphans', 'remove' end
  local proper = r.state == 'reserved' and r.due + TOMBSTONE or r.expires
  if expires == -1 or expires > proper then return 'orphans', proper end
  return ''
end
`;

/** KEYS: record. ARGV: as of. */
export const FIND_IN_RECORD = secretScript(
  "find_in_record",
  1,
  "no-writes",
  `${RECORD_FAULT}
local kind = fault(tonumber(ARGV[2]))
return { now, kind }
`,
);

/** KEYS: record, part. ARGV: number of the part. */
export const FIND_IN_PART = secretScript(
  "find_in_part",
  2,
  "no-writes",
  `${PART_FAULT}
local kind = fault()
return { now, kind }
`,
);

/**
 * KEYS: record. ARGV: when the halt began that is still on, −1 for none. Answers besides what was wrong whether something was given its time
 * anew, and when something of the record ends next.
 */
export const MEND_RECORD = secretScript(
  "mend_record",
  1,
  "allow-oom",
  `${RECORD_FAULT}
local since = tonumber(ARGV[2])
local renewed = since >= 0 and redis.call('TYPE', key).ok == 'hash' and renew_cut_off(since)
local kind, cure, r = fault(-1)
if cure == 'expire' then redis.call('PEXPIREAT', key, proper_end(r))
elseif cure then
  if cure == 'entomb' then entomb(r, r.over, r.at)
  else
    if cure == 'drop' then each_part(r, 'DEL') end
    redis.call('DEL', key)
  end
  r = nil
end
return { now, kind, renewed and 1 or 0, next_end(r) }
`,
);

/** KEYS: record, part. ARGV: number of the part. */
export const MEND_PART = secretScript(
  "mend_part",
  2,
  "allow-oom",
  `${PART_FAULT}
local kind, cure = fault()
if cure == 'remove' then redis.call('DEL', KEYS[2])
elseif cure then redis.call('PEXPIREAT', KEYS[2], cure) end
return { now, kind }
`,
);
