import { REMEMBERED_BEATS } from "../history/mark.ts";
import { type Answer, count, countOrNull, word } from "./answer.ts";
import { IS_RUN, type Script, type ScriptFlags, script } from "./record.ts";

/** An age as a server reported it. */
export interface ObservedAge {
  readonly now: number;
  /**
   * The id that marks use: the store's id, for a primary's age followed by its tag. "": no store exists yet.
   */
  readonly storeId: string;
  /** What the store's records are bound to: a server run or an epoch; "" if neither. */
  readonly binding: string;
  readonly age: number;
  readonly beats: readonly number[];
  /** The age remembered by a process that found the store put back; null: no process has. */
  readonly rolledBack: number | null;
  /** Tags of the other primaries' ages. The store's own age keeps the list. */
  readonly primaries: readonly string[];
}

/**
 * With two keys: the store and its own age. A store of another run does not exist, until `view_heartbeat`
 * makes the store of this run. With one key: a primary's age, 0 if it belongs to another store. ARGV[2]: the
 * store of the age.
 */
const SEEN = `${IS_RUN}
local age_key = KEYS[#KEYS]
local store, age, beats, rolled, primaries
local function see()
  local told = redis.call('HMGET', age_key, 'age', 'beats', 'rolled', 'primaries', 'store')
  if #KEYS == 2 then
    store = redis.call('GET', KEYS[1]) or ''
    local run = string.match(store, '^%S+ ?(%S*)$') or ''
    if run ~= binding and (is_run(run) or is_run(binding)) then store = '' end
  else
    store = ARGV[2]
    if told[5] ~= store then told = {} end
  end
  age, beats, rolled = tonumber(told[1] or 0), told[2] or '', tonumber(told[3] or -1)
  primaries = told[4] or ''
end
local function seen() see() return { now, store, age, beats, rolled, primaries } end
-- Raises the age to \`to\`. Each beat in between is remembered with the current time.
local function raise(to)
  local times = {}
  for time in string.gmatch(beats, '%d+') do times[#times + 1] = time end
  for _ = 1, math.min(to - age, ${REMEMBERED_BEATS}) do times[#times + 1] = string.format('%.0f', now) end
  local from = math.max(1, #times - ${REMEMBERED_BEATS} + 1)
  redis.call('HSET', age_key, 'age', to, 'beats', table.concat(times, ' ', from))
  if #KEYS == 1 then redis.call('HSET', age_key, 'store', store) end
end
see()
`;

/** ARGV: the store, the age that was judged, and the age that is remembered. */
const FLAG = `${SEEN}
if age == tonumber(ARGV[3]) then
  redis.call('HSET', age_key, 'rolled', math.max(rolled, tonumber(ARGV[4])))
  if #KEYS == 1 then redis.call('HSET', age_key, 'store', store) end
end
return seen()
`;

/**
 * ARGV: the store, age and flag that were judged, the age to continue at, and the epoch that begins, or "".
 */
const GO_ON = `${SEEN}
if store == ARGV[2] and age == tonumber(ARGV[3]) and rolled == tonumber(ARGV[4]) then
  raise(tonumber(ARGV[5]))
  redis.call('HDEL', age_key, 'rolled')
  if ARGV[6] ~= '' then redis.call('SET', KEYS[1], string.match(store, '^%S+') .. ' ' .. ARGV[6]) end
end
return seen()
`;

/**
 * ARGV: the store, the remembered age, the time of the last change, and the least interval between beats. No
 * beat if the store is not the remembered one, if a beat followed the change, or if the interval has not
 * passed.
 */
const BEAT = `${SEEN}
local last = tonumber(string.match(beats, '%d+$') or 0)
local mine = rolled < 0 and store == ARGV[2] and age >= tonumber(ARGV[3])
local wait = 0
if mine and last <= tonumber(ARGV[4]) then
  wait = last + tonumber(ARGV[5]) - now
  if wait <= 0 then raise(age + 1) end
end
local answer = seen()
-- Writes for WAIT (record.ts).
if mine and confirmed_by_replicas then redis.call('HSET', age_key, 'age', age) end
answer[7] = math.max(wait, 0)
return answer
`;

/** ARGV: the store, and the tag of another primary's new age. Always writes, so that replicas confirm it. */
export const LIST_PRIMARY = script(
  "list_primary",
  2,
  "allow-oom",
  `${SEEN}
if store == ARGV[2] then
  local listed = string.find(' ' .. primaries .. ' ', ' ' .. ARGV[3] .. ' ', 1, true)
  redis.call('HSET', age_key, 'primaries', listed and primaries or primaries .. ' ' .. ARGV[3])
end
return seen()
`,
);

export interface AgeScripts {
  readonly see: Script;
  readonly flag: Script;
  readonly goOn: Script;
  readonly beat: Script;
}

/** Scripts of the store's own age. Their keys are the store and the age. */
export const OWN_AGE = scripts("", 2);

/** Scripts of another primary's age, which is their only key. */
export const PRIMARY_AGE = scripts("_primary", 1);

function scripts(suffix: string, keys: number): AgeScripts {
  const make = (name: string, flags: ScriptFlags, body: string) =>
    script(`${name}${suffix}`, keys, flags, body);
  return {
    see: make("see", "no-writes", `${SEEN}return seen()`),
    flag: make("flag", "allow-oom", FLAG),
    goOn: make("go_on", "allow-oom", GO_ON),
    beat: make("beat", "allow-oom", BEAT),
  };
}

/** Reads the age that a script answered from `index` on. */
export function observedAgeIn(answer: Answer, index = 1): ObservedAge {
  const [storeId = "", binding = ""] = word(answer, index).split(" ");
  return {
    now: count(answer, 0),
    storeId,
    binding,
    age: count(answer, index + 1),
    beats: words(answer, index + 2).map(Number),
    rolledBack: countOrNull(answer, index + 3),
    primaries: words(answer, index + 4),
  };
}

export function storeText({ storeId, binding }: ObservedAge): string {
  return binding === "" ? storeId : `${storeId} ${binding}`;
}

function words(answer: Answer, index: number): readonly string[] {
  return word(answer, index)
    .split(" ")
    .filter((each) => each !== "");
}
