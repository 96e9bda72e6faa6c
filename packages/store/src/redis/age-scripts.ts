import { REMEMBERED_BEATS } from "../history/mark.ts";
import { type Answer, count, countOrNull, word } from "./answer.ts";
import { IS_RUN, type Script, type ScriptFlags, script } from "./record.ts";

/** An age as a server tells it. */
export interface Seen {
  readonly now: number;
  /** Whose age it is, as marks name it: the store's id, or that and a primary's tag. "": there is no store yet. */
  readonly storeId: string;
  /** What the store's records are bound to: a run of the server, or an epoch; "" where neither. */
  readonly binding: string;
  readonly age: number;
  readonly beats: readonly number[];
  /** What a process remembered that found the store put back; null: none has. */
  readonly rolledBack: number | null;
  /** Tags of the ages of other primaries; the store's own age keeps the list. */
  readonly primaries: readonly string[];
}

/**
 * With two keys: the store and its own age. A store of another run is none, until a look has made the one of this run. With one key: a
 * primary's age, which is 0 where it is another store's. ARGV[2] says whose age is asked for.
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
-- Raises the age to \`to\`; each of the beats between is remembered as of now.
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

/** ARGV: whose, the age that was judged, and what is remembered. */
const FLAG = `${SEEN}
if age == tonumber(ARGV[3]) then
  redis.call('HSET', age_key, 'rolled', math.max(rolled, tonumber(ARGV[4])))
  if #KEYS == 1 then redis.call('HSET', age_key, 'store', store) end
end
return seen()
`;

/** ARGV: store, age and flag as they were judged, the age to go on at, and the epoch that begins, or "". */
const GO_ON = `${SEEN}
if store == ARGV[2] and age == tonumber(ARGV[3]) and rolled == tonumber(ARGV[4]) then
  raise(tonumber(ARGV[5]))
  redis.call('HDEL', age_key, 'rolled')
  if ARGV[6] ~= '' then redis.call('SET', KEYS[1], string.match(store, '^%S+') .. ' ' .. ARGV[6]) end
end
return seen()
`;

/**
 * ARGV: the store, the age that is remembered, when the last change was, and how far apart beats are at least. Beats unless the store is
 * not the one that is remembered, a beat came after the change, or the last one was too soon before.
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
-- For replicas to confirm it (see record.ts).
if mine and confirmed_by_replicas then redis.call('HSET', age_key, 'age', age) end
answer[7] = math.max(wait, 0)
return answer
`;

/** ARGV: store, and the tag of an age that another primary is to have. Always writes, for replicas to confirm it. */
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

/** Of the store's own age: its keys are the store and the age. */
export const OWN_AGE = scripts("", 2);

/** Of another primary's age, which is its only key. */
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

/** Reads what LOOK, SEE and their like answer from `index` on. */
export function seenIn(answer: Answer, index = 1): Seen {
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

export function storeText({ storeId, binding }: Seen): string {
  return binding === "" ? storeId : `${storeId} ${binding}`;
}

function words(answer: Answer, index: number): readonly string[] {
  return word(answer, index)
    .split(" ")
    .filter((each) => each !== "");
}
