import { SANE_MOST } from "../life.ts";
import { secretScript } from "./record.ts";

/**
 * Finds what is wrong with one record at the time `asof` (−1: now): a kind of `Removed`, or "". Finding and
 * repairing share this code. A whole envelope is required only if the secret is live now: Redis drops the
 * parts of a secret that expired after `asof`.
 */
const RECORD_FAULT = `
local MOST_PARTS = ${SANE_MOST.parts}

-- True if each part that a reservation has received has the right length.
local function is_upload_valid(r)
  if r.parts > 1 and not progress_of(r) then return false end
  for n = 0, r.parts - 1 do
    local length = ask('STRLEN', key .. ':part:' .. n)
    if length ~= 0 and length ~= length_of(r, n) then return false end
  end
  return true
end

local function any_claim_broken(r)
  local all = r.opened and redis.call('HGETALL', key) or {}
  for i = 1, #all, 2 do
    if is_claim(all[i]) and (#all[i] ~= 38 or not claim_in(all[i + 1])) then return true end
  end
  return false
end

local function forget_broken_claims()
  local all = redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    if is_claim(all[i]) and (#all[i] ~= 38 or not claim_in(all[i + 1])) then redis.call('HDEL', key, all[i]) end
  end
end

local function proper_end(r)
  if r.state == 'reserved' then return r.due + TOMBSTONE end
  if r.state == 'live' then return r.expires + TOMBSTONE end
  return tombstone_until(r.expires, r.ended)
end

local function fault(asof)
  if asof < 0 then asof = now end
  local r = load()
  if not r then return '' end
  if not is_valid(r) then
    r.parts = is_whole_number(r.parts, 1, MOST_PARTS) and r.parts or 0
    return 'orphans', 'drop', r
  end
  if r.run ~= binding then return 'orphans', 'drop', r end
  if r.state == 'reserved' then
    if r.due <= asof then return 'reservations', 'drop', r end
    if r.due > now and not is_upload_valid(r) then return 'orphans', 'drop', r end
  else
    find_end(r, asof)
    if r.end_state and tombstone_until(r.expires, r.ended_at) <= asof then return 'tombstones', r.state == 'live' and 'drop' or 'remove', r end
    if r.end_state and r.state == 'live' then return r.end_state == 'opened' and 'leases' or 'expired', 'end', r end
    if r.state == 'live' then
      find_end(r, now)
      if not r.end_state and not is_whole(r) then return 'orphans', 'drop', r end
    end
    if any_claim_broken(r) then return 'orphans', 'claims', r end
  end
  local expires = redis.call('PEXPIRETIME', key)
  if expires < 0 or expires > proper_end(r) then return 'orphans', 'expire', r end
  return '', nil, r
end

-- When the next end of this record is due that Redis does not perform by itself; -1: none.
local function next_end(r)
  if r and r.state == 'reserved' then return r.due end
  return r and r.state == 'live' and r.left == 0 and r.leases or -1
end

-- Restarts the leases, or the reservation, that were running when the halt began. They start anew now and never
-- outlive the secret's expiry. False if none was running.
local function renew_cut_off(since)
  local r = load()
  if not r or r.run ~= binding or not is_valid(r) then return false end
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
    if is_claim(all[i]) then
      local claim = claim_in(all[i + 1])
      if claim and not claim.confirmed and claim.ends > since then
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
  local r = load()
  if not r or not is_valid(r) or r.run ~= binding or not r.parts or tonumber(ARGV[2]) >= r.parts then return 'orphans', 'remove' end
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

/** KEYS: record, part. ARGV: the part's number. */
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
 * KEYS: record. ARGV, each −1 for none: when the current halt began; until when that is known; as of when to
 * repair.
 * After the known time it changes nothing and answers "late". Answers what was wrong, whether something was
 * renewed, and when the record's next end is due.
 */
export const REPAIR_RECORD = secretScript(
  "repair_record",
  1,
  "allow-oom",
  `${RECORD_FAULT}
local since, known_until, asof = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if known_until >= 0 and now > known_until then return { now, 'late' } end
local renewed = since >= 0 and renew_cut_off(since)
local kind, cure, r = fault(math.min(asof, now))
if cure == 'expire' then redis.call('PEXPIREAT', key, proper_end(r))
elseif cure == 'claims' then forget_broken_claims()
elseif cure then
  if cure == 'end' then end_secret(r, r.end_state, r.ended_at)
  else
    if cure == 'drop' then each_part(r, 'DEL') end
    redis.call('DEL', key)
  end
  r = nil
end
return { now, kind, renewed and 1 or 0, next_end(r) }
`,
);

/** KEYS: record, part. ARGV: the part's number. */
export const REPAIR_PART = secretScript(
  "repair_part",
  2,
  "allow-oom",
  `${PART_FAULT}
local kind, cure = fault()
if cure == 'remove' then redis.call('DEL', KEYS[2])
elseif cure then redis.call('PEXPIREAT', KEYS[2], cure) end
return { now, kind }
`,
);
