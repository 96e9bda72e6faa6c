import { randomUUID } from "node:crypto";
import {
  type Heartbeat,
  type HeartbeatView,
  REMOVED_KINDS,
  type Removed,
  type RuleFault,
  type SweepReport,
} from "../contract/maintenance.ts";
import { CLOCK_BEHIND_MS } from "../life.ts";
import { observedAgeIn } from "./age-scripts.ts";
import { type Answer, count, unexpected, word } from "./answer.ts";
import type { History } from "./history.ts";
import { AGE_KEY, FAILURES_KEY, HEARTBEAT_KEY, MARK_KEY, STORE_KEY } from "./keys.ts";
import { IS_RUN, script } from "./record.ts";
import type { Steps, UngatedSteps } from "./steps.ts";

/**
 * KEYS: mark, store, heartbeat, failures, age. The store's time is at least the persisted mark. The store's
 * id is bound to the server's run like the secrets: after a restart it is another store, and the last
 * heartbeat does not count.
 */
const MAINTENANCE = `
now = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))

${IS_RUN}
-- If the epochs differ, the stored one counts, and the answer tells the caller.
local function store_id()
  local id, run = string.match(redis.call('GET', KEYS[2]) or '', '^(%S+) ?(%S*)$')
  if id and (run == binding or not is_run(run) and not is_run(binding)) then return id end
  redis.call('SET', KEYS[2], binding == '' and ARGV[2] or ARGV[2] .. ' ' .. binding)
  return ARGV[2]
end

local function heartbeat()
  if redis.call('TYPE', KEYS[3]).ok ~= 'hash' then return {} end
  return redis.call('HGETALL', KEYS[3])
end
`;

/** ARGV: an id for a store that has none yet. */
const VIEW = script(
  "view_heartbeat",
  5,
  "allow-oom",
  `${MAINTENANCE}
redis.call('SET', KEYS[1], string.format('%.0f', now))
local id = store_id()
local told = redis.call('HMGET', KEYS[5], 'age', 'beats', 'rolled', 'primaries')
return { now, id, heartbeat(), now - clock, redis.call('GET', KEYS[2]), tonumber(told[1] or 0), told[2] or '',
  tonumber(told[3] or -1), told[4] or '' }
`,
);

/**
 * ARGV: store id, run, start, worker, the removed kinds in the order of REMOVED_KINDS, the verified binding
 * or "*", and the greatest age of a heartbeat or "-1".
 * A verification of another server run records nothing. The failures are reset. A value that no sweep can
 * have recorded (text, a start in the future) counts as none.
 */
const RECORD = script(
  "record",
  4,
  "allow-oom",
  `${MAINTENANCE}
local function whole(text, most)
  local number = text and string.match(text, '^%d+$') and tonumber(text) or 0
  return number <= most and number or 0
end

local verified = ARGV[${6 + REMOVED_KINDS.length}]
if verified ~= '*' and verified ~= binding then return { now } end
if redis.call('TYPE', KEYS[3]).ok ~= 'hash' then redis.call('DEL', KEYS[3]) end
local kept = redis.call('HMGET', KEYS[3], 'run', 'sequence', 'started', 'store')
local last = kept[4] == store_id() and whole(kept[3], now) or 0
local since = last + tonumber(ARGV[${7 + REMOVED_KINDS.length}])
if kept[1] ~= ARGV[3] and ARGV[${7 + REMOVED_KINDS.length}] ~= '-1' and last > 0 and now >= since and tonumber(ARGV[4]) < since then
  return { now, 'halted' }
end
if kept[1] ~= ARGV[3] then
  redis.call('HSET', KEYS[3], 'store', store_id(), 'run', ARGV[3], 'sequence', whole(kept[2], 2 ^ 40) + 1,
    'started', math.max(whole(kept[3], now), tonumber(ARGV[4])), 'finished', now, 'worker', ARGV[5],
    ${REMOVED_KINDS.map((kind, index) => `'${kind}', ARGV[${6 + index}]`).join(", ")})
  redis.call('SET', KEYS[4], 0)
else
  -- Writes for WAIT (record.ts).
  redis.call('HSET', KEYS[3], 'run', kept[1])
end
return { now, store_id(), heartbeat() }
`,
);

/** Not idempotent: a retry counts the failure twice, which is harmless. */
const COUNT_FAILURE = script(
  "count_failure",
  4,
  "allow-oom",
  `${MAINTENANCE}
return { now, redis.call('INCR', KEYS[4]) }
`,
);

const COUNT_FAILURES = script(
  "count_failures",
  4,
  "no-writes",
  `${MAINTENANCE}
return { now, tonumber(redis.call('GET', KEYS[4]) or 0) }
`,
);

const KEYS = [MARK_KEY, STORE_KEY, HEARTBEAT_KEY, FAILURES_KEY];
const VIEW_KEYS = [...KEYS, AGE_KEY];

/**
 * Persists the store's time as the mark, and returns it with the last complete sweep.
 * @throws StoreUnavailable `rolled_back` if the store was put back.
 */
export async function viewHeartbeat(steps: Steps & UngatedSteps, history: History): Promise<HeartbeatView> {
  const answer = await steps.execute(VIEW, VIEW_KEYS, [randomUUID()]);
  const age = await history.check(steps, observedAgeIn(answer, 4));
  return {
    storeId: word(answer, 1),
    now: count(answer, 0),
    clockBehindMs: count(answer, 3),
    age,
    heartbeat: heartbeat(answer),
  };
}

/** A sentence if the server's clock is too far behind the store's time. */
export async function clockFaults(
  steps: Steps & UngatedSteps,
  history: History,
): Promise<readonly RuleFault[]> {
  const { clockBehindMs } = await viewHeartbeat(steps, history);
  if (clockBehindMs <= CLOCK_BEHIND_MS) return [];
  return ["The server's clock is behind the store's time: until it has caught up, nothing expires."];
}

/**
 * null: a halt began during the sweep.
 * @throws StoreUnavailable `failed` if the server has restarted since the verification.
 */
export async function recordSweep(steps: Steps, report: SweepReport): Promise<Heartbeat | null> {
  const { run, verification, worker, removed, maxAgeMs = -1 } = report;
  const { startedAt, subject: verified = "*" } = verification;
  const kinds = REMOVED_KINDS.map((kind) => removed[kind]);
  const args = [randomUUID(), run, startedAt, worker, ...kinds, verified, maxAgeMs];
  const answer = await steps.execute(RECORD, KEYS, args);
  if (answer.length === 2) return null;
  return answer.length === 1 ? unexpected() : (heartbeat(answer) ?? unexpected());
}

export async function recordFailedSweep(steps: Steps): Promise<void> {
  await steps.execute(COUNT_FAILURE, KEYS, []);
}

export async function countFailedSweeps(steps: Steps): Promise<number> {
  return count(await steps.execute(COUNT_FAILURES, KEYS, []), 1);
}

function heartbeat(answer: Answer): Heartbeat | null {
  const pairs = (answer[2] as Buffer[]).map((value) => value.toString());
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < pairs.length; i += 2) fields.set(pairs[i] ?? "", pairs[i + 1] ?? "");
  const whole = (name: string): number => {
    const text = fields.get(name) ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  };
  const removed = Object.fromEntries(REMOVED_KINDS.map((kind) => [kind, whole(kind)])) as Removed;
  const sequence = whole("sequence");
  const startedAt = whole("started");
  const finishedAt = whole("finished");
  const storeId = fields.get("store");
  const worker = fields.get("worker");
  if (storeId === undefined || worker === undefined) return null;
  if ([sequence, startedAt, finishedAt, ...Object.values(removed)].some(Number.isNaN)) return null;
  return { storeId, sequence, startedAt, finishedAt, removed, worker };
}
