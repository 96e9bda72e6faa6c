import { type Script, type ScriptFlags, secretScript } from "./record.ts";

/**
 * What is wrong with one record or part at the time `asOf` (ARGV[2], −1: now), as the kind of `Removed` that it counts as, "" when
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
  if r.state == 'reserved' then return r.due end
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
  return ''
end
`;

const PART_FAULT = `
local function fault()
  local expires = redis.call('PEXPIRETIME', KEYS[2])
  if expires == -2 then return '' end
  local r = redis.call('TYPE', key).ok == 'hash' and load()
  if not r or r.run ~= binding or not r.parts or tonumber(ARGV[3]) >= r.parts then return 'orphans', 'remove' end
  local proper = r.state == 'reserved' and r.due or r.left == 0 and r.leases or r.expires
  if expires == -1 or expires > proper then return 'orphans', proper end
  return ''
end
`;

/** KEYS: record. ARGV: as of. */
function recordScript(name: string, flags: ScriptFlags, act: string): Script {
  return secretScript(
    name,
    1,
    flags,
    `${RECORD_FAULT}local kind, cure, r = fault(tonumber(ARGV[2]))\n${act}return { now, kind }`,
  );
}

/** KEYS: record, part. ARGV: as of, number of the part. */
function partScript(name: string, flags: ScriptFlags, act: string): Script {
  return secretScript(name, 2, flags, `${PART_FAULT}local kind, cure = fault()\n${act}return { now, kind }`);
}

export const FIND_IN_RECORD = recordScript("find_in_record", "no-writes", "");
export const FIND_IN_PART = partScript("find_in_part", "no-writes", "");

export const MEND_RECORD = recordScript(
  "mend_record",
  "allow-oom",
  `
if cure == 'entomb' then entomb(r, r.over, r.at)
elseif cure == 'expire' then redis.call('PEXPIREAT', key, proper_end(r))
elseif cure then
  if cure == 'drop' then each_part(r, 'DEL') end
  redis.call('DEL', key)
end
`,
);

export const MEND_PART = partScript(
  "mend_part",
  "allow-oom",
  `
if cure == 'remove' then redis.call('DEL', KEYS[2])
elseif cure then redis.call('PEXPIREAT', KEYS[2], cure) end
`,
);
