import { SMALL_ENVELOPE_BYTES } from "../capacity.ts";
import type { Deposit, DepositAnswer } from "../contract/secrets.ts";
import { FULL, fullOrThrow } from "../outcomes.ts";
import { count, countOrNull, notFoundOrGone, word } from "./answer.ts";
import type { Admitted } from "./capacity.ts";
import { partKey, recordKey } from "./keys.ts";
import { secretScript } from "./record.ts";
import { binary } from "./script-command.ts";
import type { Steps } from "./steps.ts";

/**
 * KEYS: record, part. A part is written with its expiry in one command. The last part gives all parts the
 * secret's expiry. A secret goes live only if all its parts exist: a part that vanished is reported as
 * missing again.
 */
const DEPOSIT = secretScript(
  "deposit",
  2,
  "",
  `
local SMALL_ENVELOPE = ${SMALL_ENVELOPE_BYTES}

local function count_again(r)
  local deposited = {}
  for p = 0, r.parts - 1 do
    deposited[p + 1] = ask('STRLEN', key .. ':part:' .. p) == length_of(r, p) and 1 or 0
  end
  return table.concat(deposited)
end

local function any_missing(deposited) return string.find(deposited, '0', 1, true) end

local n, bytes = tonumber(ARGV[3]), ARGV[4]
local r = find()
if not r or r.manage ~= ARGV[2] then return NOT_FOUND end
write_for_wait(r)
if r.end_state then return end_and_tell(r) end
if n < 0 or n >= r.parts or n ~= math.floor(n) then return { now, 'wrong_length', -1 } end
local expected = length_of(r, n)
if #bytes ~= expected then return { now, 'wrong_length', expected } end

local kept = false
if r.parts > 1 or r.state == 'live' then kept = ask('GET', KEYS[2]) end
if kept == nil or kept and #kept ~= expected then return NOT_FOUND end
if kept and kept ~= bytes then return { now, 'conflict' } end
if r.state == 'live' then return kept and { now, 'live', r.expires } or NOT_FOUND end

local admitted = ARGV[5] == 'all' or ARGV[5] == 'small' and r.bytes <= SMALL_ENVELOPE
if not kept and not admitted then return { now, 'full' } end
if r.parts > 1 then
  local before = progress_of(r)
  if not before then return NOT_FOUND end
  local deposited = string.sub(before, 1, n) .. '1' .. string.sub(before, n + 2)
  if not kept then redis.call('SET', KEYS[2], bytes, 'PXAT', r.due + TOMBSTONE) end
  if not any_missing(deposited) and not is_whole(r) then deposited = count_again(r) end
  if any_missing(deposited) then
    if deposited ~= before then redis.call('HSET', key, 'deposited', deposited) end
    return { now, 'incomplete', deposited, r.due }
  end
end
local expires = now + r.lifetime
if r.parts > 1 then redis.call('HDEL', key, 'deposited') end
redis.call('HSET', key, 'state', 'live', 'expires', expires)
redis.call('PEXPIREAT', key, expires + TOMBSTONE)
if r.parts == 1 then
  redis.call('SET', KEYS[2], bytes, 'PXAT', expires)
else
  each_part(r, 'PEXPIREAT', expires)
end
return { now, 'live', expires }
`,
);

/**
 * Answers `full` unless the envelope is `admitted`; a part that is stored already gets its usual answer.
 * `onWaiting`: called with the time until which a stored part waits for the others.
 */
export async function deposit(
  steps: Steps,
  request: Deposit,
  admitted: Admitted,
  onWaiting: (until: number) => void = () => {},
): Promise<DepositAnswer> {
  const { id, manage, part, bytes } = request;
  const answer = await steps
    .execute(DEPOSIT, [recordKey(id), partKey(id, part)], [binary(manage), part, binary(bytes), admitted])
    .catch(fullOrThrow);
  if ("outcome" in answer) return answer;
  switch (word(answer, 1)) {
    case "live":
      return { outcome: "live", expiresAt: count(answer, 2) };
    case "incomplete":
      onWaiting(count(answer, 3));
      return { outcome: "incomplete", missing: missing(word(answer, 2)) };
    case "conflict":
      return { outcome: "conflict" };
    case "wrong_length":
      return { outcome: "wrong_length", expected: countOrNull(answer, 2) };
    case "full":
      return FULL;
    default:
      return notFoundOrGone(answer);
  }
}

function missing(deposited: string): number[] {
  const parts: number[] = [];
  for (let part = 0; part < deposited.length; part++) if (deposited[part] === "0") parts.push(part);
  return parts;
}
