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
 * The start of every script. `now`: the store's time in milliseconds, which is the server's clock but never
 * below the time that the caller has seen (first argument). `binding`: what records are bound to (last
 * argument, server-run.ts). `confirmed_by_replicas`: whether the caller awaits replicas.
 */
const PRELUDE = `
local clock = redis.call('TIME')
clock = clock[1] * 1000 + math.floor(clock[2] / 1000)
local now = math.max(clock, tonumber(ARGV[1]))
local binding, confirmed_by_replicas = ARGV[#ARGV], ARGV[#ARGV - 1] == '1'
`;

/**
 * The record of a secret, and the Lua at the start of every script about a secret. `KEYS[1]` is the record.
 * Keys of further parts are built here: they share the record's hash tag, so they are on the same node.
 *
 * Fields, small enough for the hash to stay a listpack:
 * - Always: `state` reserved, live or an end; `link`, `passphrase`, `manage` hashes; `run` the binding,
 *   absent if nothing is bound.
 * - Until the end: `reads` reads asked for; `left` reads left, or "unlimited"; `bytes`, `part` (bytes of a
 *   part), `parts`; `lifetime`, `lease` durations; `due` the deposit deadline.
 * - Reserved: `deposited`, "1" or "0" for each part (only with several parts).
 * - From live on: `expires`; `failed` wrong passphrases, `attempt:1…9` their requests; `opened`, `taken` the
 *   first and the last read; `leases` the last lease's end, once no read is left.
 * - `claim:HASH`: "bound end". Acknowledged: "bound end lease-end", where `end` is the acknowledgement. The
 *   claim is remembered until `lease-end`. Times have 13 digits from 2001 to 2286.
 * - Tombstone: `ended`. The end removes what a tombstone does not need.
 *
 * `find()` judges by the record's own times, whether or not Redis has dropped a key. If the secret has ended,
 * it sets `end_state` and `ended_at`. It returns nil if the record is to be deleted, is of another run or is
 * invalid; the second value is then what is left of it.
 *
 * Redis does not undo a script that stops with an error. In a cluster that happens at a part that has left
 * for another node, even at EXISTS. So `end_secret` asks for each part before it destroys any, and a repeated
 * step accepts what an earlier run has done.
 *
 * `write_for_wait` makes WAIT meaningful: WAIT waits for the connection's last write only, and a repeated
 * step may find nothing left to write (REDIS.md, "Waiting for replicas"). Call it only after the caller has
 * proved the link, a claim or the manage token: waiting for replicas would reveal that the id exists.
 */
const RECORD = `
local key = KEYS[1]

local function tombstone_until(expires, ended)
  return math.min(math.max(expires, ended + ${TOMBSTONE_MS.min}), ended + ${TOMBSTONE_MS.max})
end

-- nil for a key of another type, which belongs to a broken record. Any other error stops the script: a part may
-- have left for another node.
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

local function is_whole_number(number, least, most)
  return number and number >= least and number <= most and number % 1 == 0
end

local ENDS = { ${ENDS.map((end) => `${end} = true`).join(", ")} }

-- False if no verb can have written this record. Every step checks it; the sweep removes an invalid record.
local function is_valid(r)
  if not r.link or #r.link ~= 32 or not r.manage or #r.manage ~= 32 then return false end
  if r.passphrase and #r.passphrase ~= 32 then return false end
  if r.opened and not is_whole_number(r.opened, 1, ${SANE_MOST.time}) then return false end
  if ENDS[r.state] then return is_whole_number(r.expires, 1, ${SANE_MOST.time}) and is_whole_number(r.ended, 1, ${SANE_MOST.time}) end
  if not (is_whole_number(r.bytes, 1, ${SANE_MOST.bytes}) and is_whole_number(r.part, 1, ${SANE_MOST.bytes}) and is_whole_number(r.parts, 1, ${SANE_MOST.parts})
    and r.parts == math.ceil(r.bytes / r.part) and is_whole_number(r.lifetime, 1, ${SANE_MOST.lifetimeMs})
    and is_whole_number(r.lease, 0, ${SANE_MOST.leaseMs}) and is_whole_number(r.due, 1, ${SANE_MOST.time})
    and is_whole_number(r.failed, 0, ${PASSPHRASE_ATTEMPTS - 1})) then return false end
  if r.reads == 'unlimited' then
    if not r.unlimited then return false end
  else
    local reads = tonumber(r.reads or nil)
    if not is_whole_number(reads, 1, ${SANE_MOST.reads}) or not is_whole_number(r.left, 0, reads) then return false end
    if r.left < reads and not r.opened then return false end
  end
  if r.state == 'reserved' then return not r.opened and not r.expires end
  if r.state ~= 'live' or not is_whole_number(r.expires, 1, r.due + r.lifetime) then return false end
  if r.opened and not is_whole_number(r.taken, r.opened, ${SANE_MOST.time}) then return false end
  return r.left ~= 0 or is_whole_number(r.leases, 1, r.expires)
end

local function find_end(r, time)
  if r.state ~= 'live' then r.end_state, r.ended_at = r.state, r.ended
  elseif r.left == 0 and r.leases <= time then r.end_state, r.ended_at = 'opened', r.leases
  elseif r.expires <= time then r.end_state, r.ended_at = 'expired', r.expires end
end

local function find()
  local r = load()
  if not r then return nil end
  if not is_valid(r) then
    r.parts = is_whole_number(r.parts, 1, ${SANE_MOST.parts}) and r.parts or 0
    return nil, r
  end
  if r.run ~= binding then return nil, r end
  if r.state == 'reserved' then
    if r.due <= now then return nil, r end
    return r
  end
  find_end(r, now)
  if r.end_state and tombstone_until(r.expires, r.ended_at) <= now then return nil, r end
  return r
end

local function write_for_wait(r)
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

-- The bytes of a part; nil if it is missing or has the wrong length.
local function part_of(r, n, place)
  local bytes = ask('GET', place)
  return bytes and #bytes == length_of(r, n) and bytes or nil
end

-- Which parts of a reservation were deposited, "1" or "0" for each; nil if the field cannot be parsed.
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

local function end_secret(r, how, at)
  if (r.parts or 0) > 1 then each_part(r, 'EXISTS') end
  each_part(r, 'DEL')
  local forget = tombstone_until(r.expires, at)
  if forget <= now then return redis.call('DEL', key) end
  redis.call('HDEL', key, 'reads', 'left', 'bytes', 'part', 'parts', 'lease', 'lifetime', 'due', 'taken',
    'leases', 'failed',
    'attempt:1', 'attempt:2', 'attempt:3', 'attempt:4', 'attempt:5', 'attempt:6', 'attempt:7', 'attempt:8', 'attempt:9')
  redis.call('HSET', key, 'state', how, 'ended', at)
  redis.call('PEXPIREAT', key, forget)
end

local function end_and_tell(r)
  if r.state == 'live' then end_secret(r, r.end_state, r.ended_at) end
  return { now, 'gone', r.end_state, r.ended_at }
end

local NOT_FOUND = { now, 'not_found' }
`;

/**
 * Lua about claims. `last_lease` reads every claim, so it runs only when the last of several reads is taken
 * or acknowledged.
 */
const CLAIMS = `
local function claim_in(value)
  local bound, ends, confirmed = string.match(value, '^(%d+) (%d+) ?(%d*)$')
  if not bound or #bound > 13 or #ends > 13 then return nil end
  return { bound = tonumber(bound), ends = tonumber(ends), confirmed = confirmed ~= '' }
end

-- The second value is true if the claim cannot be parsed.
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

-- A lease that ended before keeps its end: the read was over then.
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
  if last <= now then return end_secret(r, 'opened', last) end
  redis.call('HSET', key, 'leases', last)
end
`;

/** Lua: true if a binding is a server run, not "" and not an epoch (server-run.ts). */
export const IS_RUN = `
local function is_run(text) return text ~= '' and string.sub(text, 1, 1) ~= '+' end
`;

/** The protocol's limits, by the names that the scripts use. */
const LIMITS = `
local TOMBSTONE, ATTEMPTS, RUNNING = ${TOMBSTONE_MS.min}, ${PASSPHRASE_ATTEMPTS}, ${RUNNING_CLAIMS}

local function deposit_ms(bytes) return ${DEPOSIT_MS} + math.ceil(bytes / ${SLOWEST_BYTES_PER_MS}) end
local function lease_in_all_ms(bytes) return ${LEASE_IN_ALL_MS} + math.ceil(bytes / ${SLOWEST_BYTES_PER_MS}) end
`;

/**
 * Script flags. Without a flag Redis refuses the script when memory is full, so no step starts that could not
 * finish. `allow-oom`: the script only destroys, or writes a few bytes that must not fail.
 */
export type ScriptFlags = "" | "allow-oom" | "no-writes";

/** A Lua script, with the name that the client uses. */
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

/** A script about one secret: the Lua above, then the verb's. */
export function secretScript(name: string, keys: number, flags: ScriptFlags, body: string): Script {
  return script(name, keys, flags, `${RECORD}${LIMITS}${CLAIMS}${body}`);
}
