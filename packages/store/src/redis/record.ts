import { ENDS } from "../contract/secrets.ts";
import {
  DEPOSIT_MS,
  LEASE_IN_ALL_MS,
  PASSPHRASE_ATTEMPTS,
  RUNNING_CLAIMS,
  SANE_MOST,
  SLOWEST_BYTES_PER_MS,
  TOMBSTONE_MS,
} from "../life.ts";

/**
 * Every script begins with this. The store's time in milliseconds: the server's clock, never below what the caller has seen (the
 * first argument). The binding of this run of the server (the last argument; see server-run.ts), and before it whether the caller
 * waits for replicas.
 */
const PRELUDE = `
local clock = redis.call('TIME')
clock = clock[1] * 1000 + math.floor(clock[2] / 1000)
local now = math.max(clock, tonumber(ARGV[1]))
local binding, confirmed_by_replicas = ARGV[#ARGV], ARGV[#ARGV - 1] == '1'
`;

/**
 * The record of a secret and the Lua that every script about one begins with. `KEYS[1]` is the record; `ARGV[1]` the highest
 * store time that the caller has seen, so that a server clock set back (or a promoted replica's) revives nothing.
 * The part keys beyond `KEYS[2]` are made here: they share the record's hash tag, so they are on the same node.
 *
 * Fields, all small enough for the hash to stay a listpack:
 * `state` reserved, live or an end; `link`, `passphrase`, `manage` verifiers; `reads` asked for; `left` reads left or
 * "unlimited"; `bytes`, `part` (bytes of a part), `parts`; `lifetime`, `lease` durations; `run` the binding of the server run that
 * took it, absent where nothing is bound.
 * Reserved: `due`; `deposited` a character "1" or "0" per part (several parts only).
 * From live on: `expires`; `failed` wrong passphrases, `attempt:1…9` their requests; `opened`, `taken` the first and the last read;
 * `claim:HASH` = "bound end", of an acknowledged one "bound end lease-end": its read ended when it was acknowledged, and it is
 * remembered until its lease would have ended by itself (times have 13 digits from 2001 to 2286); `leases` the last lease's end, kept once
 * no read is left. Tombstone: `ended`. Everything that the end does not need is taken out of the record with the parts.
 *
 * `find()` answers by the record's own times, never by whether Redis has dropped a key yet: `over` and `at` are set when the
 * secret has ended, swept or not; nil when it is to be forgotten, is of another run or not sound, with what is left of it as the second
 * value.
 *
 * A script is not undone where it breaks off. In a cluster it does at a part that has left for another node, if only to be asked whether it
 * exists: so `entomb` asks for each before it destroys any, and what comes before it is what the same step may find done.
 *
 * WAIT waits for the last write of its connection, and from Redis 7.2 on for nothing when that has written nothing: a step sent again,
 * which finds its work done by another connection, would be confirmed by replicas that never heard of it. So a step that is to be
 * confirmed always writes, by `to_be_confirmed`, as soon as its caller has shown what entitles to an answer. Not before: whoever has an id
 * alone would be told that it exists, by replicas that confirm late or not at all what is written for no other.
 */
const RECORD = `
local key = KEYS[1]

local function until_when(expires, ended)
  return math.min(math.max(expires, ended + ${TOMBSTONE_MS.min}), ended + ${TOMBSTONE_MS.max})
end

-- nil from a key of another type, which belongs to a broken record. Any other error breaks the step off: a part may have left for another node.
local function ask(command, ...)
  local answer = redis.pcall(command, ...)
  if type(answer) ~= 'table' or not answer.err then return answer end
  if string.sub(answer.err, 1, 9) ~= 'WRONGTYPE' then return redis.call(command, ...) end
end

local function load()
  local v = ask('HMGET', key, 'state', 'link', 'passphrase', 'manage', 'reads', 'left', 'bytes', 'part', 'parts',
    'lease', 'due', 'expires', 'failed', 'opened', 'taken', 'leases', 'ended', 'lifetime', 'run')
  if not v then return {} end
  if not v[1] and redis.call('EXISTS', key) == 0 then return nil end
  return { state = v[1], link = v[2], passphrase = v[3], manage = v[4], reads = v[5], left = tonumber(v[6] or nil), unlimited = v[6] == 'unlimited',
    bytes = tonumber(v[7] or nil), part = tonumber(v[8] or nil), parts = tonumber(v[9] or nil), lease = tonumber(v[10] or nil),
    due = tonumber(v[11] or nil), expires = tonumber(v[12] or nil), failed = tonumber(v[13] or 0),
    opened = tonumber(v[14] or nil), taken = tonumber(v[15] or nil), leases = tonumber(v[16] or nil),
    ended = tonumber(v[17] or nil), lifetime = tonumber(v[18] or nil),
    run = v[19] or '' }
end

local function whole(number, least, most)
  return number and number >= least and number <= most and number % 1 == 0
end

local ENDS = { ${ENDS.map((end) => `${end} = true`).join(", ")} }

-- False where the verbs cannot have written this record. Every step asks before it uses one; the sweep removes what is not sound.
local function sound(r)
  if not r.link or #r.link ~= 32 or not r.manage or #r.manage ~= 32 then return false end
  if r.passphrase and #r.passphrase ~= 32 then return false end
  if r.opened and not whole(r.opened, 1, ${SANE_MOST.time}) then return false end
  if ENDS[r.state] then return whole(r.expires, 1, ${SANE_MOST.time}) and whole(r.ended, 1, ${SANE_MOST.time}) end
  if not (whole(r.bytes, 1, ${SANE_MOST.bytes}) and whole(r.part, 1, ${SANE_MOST.bytes}) and whole(r.parts, 1, ${SANE_MOST.parts})
    and r.parts == math.ceil(r.bytes / r.part) and whole(r.lifetime, 1, ${SANE_MOST.lifetimeMs})
    and whole(r.lease, 0, ${SANE_MOST.leaseMs}) and whole(r.due, 1, ${SANE_MOST.time})
    and whole(r.failed, 0, ${PASSPHRASE_ATTEMPTS - 1})) then return false end
  if r.reads == 'unlimited' then
    if not r.unlimited then return false end
  else
    local reads = tonumber(r.reads or nil)
    if not whole(reads, 1, ${SANE_MOST.reads}) or not whole(r.left, 0, reads) then return false end
    if r.left < reads and not r.opened then return false end
  end
  if r.state == 'reserved' then return not r.opened and not r.expires end
  if r.state ~= 'live' or not whole(r.expires, 1, r.due + r.lifetime) then return false end
  if r.opened and not whole(r.taken, r.opened, ${SANE_MOST.time}) then return false end
  return r.left ~= 0 or whole(r.leases, 1, r.expires)
end

local function settle(r, time)
  if r.state ~= 'live' then r.over, r.at = r.state, r.ended
  elseif r.left == 0 and r.leases <= time then r.over, r.at = 'opened', r.leases
  elseif r.expires <= time then r.over, r.at = 'expired', r.expires end
end

local function find()
  local r = load()
  if not r then return nil end
  if not sound(r) then
    r.parts = whole(r.parts, 1, ${SANE_MOST.parts}) and r.parts or 0
    return nil, r
  end
  if r.run ~= binding then return nil, r end
  if r.state == 'reserved' then
    if r.due <= now then return nil, r end
    return r
  end
  settle(r, now)
  if r.over and until_when(r.expires, r.at) <= now then return nil, r end
  return r
end

local function to_be_confirmed(r)
  if confirmed_by_replicas then redis.call('HSET', key, 'state', r.state) end
end

local function each_part(r, command, ...)
  local found = 0
  for n = 0, (r.parts or 0) - 1 do found = found + redis.call(command, key .. ':part:' .. n, ...) end
  return found
end

local function length_of(r, n)
  return n < r.parts - 1 and r.part or r.bytes - r.part * (r.parts - 1)
end

-- The bytes of a part, if they are as long as they must be.
local function part_of(r, n, place)
  local bytes = ask('GET', place)
  return bytes and #bytes == length_of(r, n) and bytes or nil
end

-- Which parts of a reservation are there, a character "1" or "0" for each; nil where that cannot be understood.
local function progress_of(r)
  local deposited = redis.call('HGET', key, 'deposited')
  return deposited and #deposited == r.parts and not string.find(deposited, '[^01]') and deposited or nil
end

local function is_whole(r)
  for n = 0, r.parts - 1 do
    if ask('STRLEN', key .. ':part:' .. n) ~= length_of(r, n) then return false end
  end
  return true
end

local function entomb(r, how, at)
  if (r.parts or 0) > 1 then each_part(r, 'EXISTS') end
  each_part(r, 'DEL')
  local forget = until_when(r.expires, at)
  if forget <= now then return redis.call('DEL', key) end
  redis.call('HDEL', key, 'reads', 'left', 'bytes', 'part', 'parts', 'lease', 'lifetime', 'due', 'taken',
    'leases', 'failed',
    'attempt:1', 'attempt:2', 'attempt:3', 'attempt:4', 'attempt:5', 'attempt:6', 'attempt:7', 'attempt:8', 'attempt:9')
  redis.call('HSET', key, 'state', how, 'ended', at)
  redis.call('PEXPIREAT', key, forget)
end

local function gone(r)
  if r.state == 'live' then entomb(r, r.over, r.at) end
  return { now, 'gone', r.over, r.at }
end

local NOT_FOUND = { now, 'not_found' }
`;

/**
 * The arithmetic of claims. `last_lease` looks at every claim: needed only when the last read of several is taken or confirmed.
 */
const CLAIMS = `
local function claim_in(value)
  local bound, ends, confirmed = string.match(value, '^(%d+) (%d+) ?(%d*)$')
  if not bound or #bound > 13 or #ends > 13 then return nil end
  return { bound = tonumber(bound), ends = tonumber(ends), confirmed = confirmed ~= '' }
end

-- The second value is true where there is a claim that cannot be understood.
local function claim_of(hash)
  local value = redis.call('HGET', key, 'claim:' .. hash)
  if not value then return nil, false end
  local claim = claim_in(value)
  return claim, not claim
end

local function is_claim(field) return string.sub(field, 1, 6) == 'claim:' end

local function keep_claim(hash, bound, ends)
  redis.call('HSET', key, 'claim:' .. hash, string.format('%.0f %.0f', bound, ends))
end

-- A lease that has ended by itself keeps its end: the read was over then.
local function confirm_claim(hash, claim)
  local over = math.min(now, claim.ends)
  redis.call('HSET', key, 'claim:' .. hash, string.format('%.0f %.0f %.0f', claim.bound, over, claim.ends))
end

local function any_unconfirmed(r)
  local all = r.reads == '1' and {} or redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    local claim = is_claim(all[i]) and claim_in(all[i + 1])
    if claim and not claim.confirmed then return true end
  end
  return false
end

local function last_lease()
  local last, all = 0, redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    local claim = is_claim(all[i]) and claim_in(all[i + 1])
    if claim then last = math.max(last, claim.ends) end
  end
  return last
end

local function end_with_leases(r, last)
  if last <= now then return entomb(r, 'opened', last) end
  redis.call('HSET', key, 'leases', last)
end
`;

/** Whether a binding is a run's: not "", and not an epoch (see server-run.ts). */
export const IS_RUN = `
local function is_run(text) return text ~= '' and string.sub(text, 1, 1) ~= '+' end
`;

/** Numbers of the protocol that the scripts use by name. */
const LIMITS = `
local TOMBSTONE, ATTEMPTS, RUNNING = ${TOMBSTONE_MS.min}, ${PASSPHRASE_ATTEMPTS}, ${RUNNING_CLAIMS}

local function deposit_ms(bytes) return ${DEPOSIT_MS} + math.ceil(bytes / ${SLOWEST_BYTES_PER_MS}) end
local function lease_in_all_ms(bytes) return ${LEASE_IN_ALL_MS} + math.ceil(bytes / ${SLOWEST_BYTES_PER_MS}) end
`;

/**
 * What Redis may assume about a script before it starts it. Without a flag it is refused when memory is full: nothing begins
 * that could not finish. `allow-oom`: it only destroys, or writes a few bytes that must not fail.
 */
export type ScriptFlags = "" | "allow-oom" | "no-writes";

/** A Lua script by the name that it has on the client. */
export interface Script {
  readonly name: string;
  readonly keys: number;
  readonly lua: string;
}

export function script(name: string, keys: number, flags: ScriptFlags, body: string): Script {
  return {
    name: `mayfly_${name}`,
    keys,
    lua: `#!lua${flags === "" ? "" : ` flags=${flags}`}\n${PRELUDE}${body}`,
  };
}

/** A script about one secret: the Lua above, then the verb. */
export function secretScript(name: string, keys: number, flags: ScriptFlags, body: string): Script {
  return script(name, keys, flags, `${RECORD}${LIMITS}${CLAIMS}${body}`);
}
