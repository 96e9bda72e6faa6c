import type { Amount, Total } from "../contract/rate-limits.ts";
import { count } from "./answer.ts";
import { rateGroup, ratePrefix } from "./keys.ts";
import { script } from "./record.ts";
import type { Steps } from "./steps.ts";

/** The most amounts in one script: the server runs nothing else meanwhile. */
const MOST_AT_ONCE = 200;

/**
 * ARGV: bucket, window and amount of each amount. `KEYS[1]` is the prefix of all keys, which share its hash
 * tag. Runs although memory is full: burn and acknowledge, which free memory, are limited too.
 */
const TAKE = script(
  "take",
  1,
  "allow-oom",
  `
local totals = { now }
for i = 2, #ARGV - 4, 3 do
  local key, window, amount = KEYS[1] .. ARGV[i], tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  local ends, total = redis.call('PEXPIRETIME', key), 0
  if ends > now and ends <= now + window then total = tonumber(redis.call('GET', key)) or 0
  else ends = now + window end
  total = math.max(0, total + amount)
  if amount ~= 0 then redis.call('SET', key, string.format('%.0f', total), 'PXAT', ends) end
  totals[#totals + 1], totals[#totals + 2] = total, ends - now
end
return totals
`,
);

/** Runs one script for all amounts of a group. Groups are spread over a cluster's nodes. */
export async function take(steps: Steps, amounts: readonly Amount[]): Promise<readonly Total[]> {
  const groups = new Map<string, number[]>();
  for (const [index, { bucket }] of amounts.entries()) {
    const group = groups.get(rateGroup(bucket));
    if (group === undefined) groups.set(rateGroup(bucket), [index]);
    else group.push(index);
  }
  const totals: Total[] = [];
  const add = async (group: string, indexes: readonly number[]) => {
    const args = indexes.flatMap((index) => {
      const { bucket, windowMs, amount } = amounts[index] as Amount;
      return [bucket, windowMs, amount];
    });
    const answer = await steps.execute(TAKE, [ratePrefix(group)], args);
    for (const [at, index] of indexes.entries())
      totals[index] = { total: count(answer, 1 + 2 * at), resetMs: count(answer, 2 + 2 * at) };
  };
  const adding: Promise<void>[] = [];
  for (const [group, indexes] of groups)
    for (let from = 0; from < indexes.length; from += MOST_AT_ONCE)
      adding.push(add(group, indexes.slice(from, from + MOST_AT_ONCE)));
  await Promise.all(adding);
  return totals;
}
