import { randomBytes } from "node:crypto";
import type { SpendAnswer } from "../contract.ts";
import { bytes, count as counted } from "./answer.ts";
import type { Keyspace, Steps } from "./connection.ts";
import { countKey, limiterKeyKey } from "./keys.ts";
import { script } from "./record.ts";

const DAY_MS = 86_400_000;

/** Runs when memory is full too: burn and acknowledge, which free memory, are limited like the rest. */
const COUNT = script(
  "count",
  1,
  "allow-oom",
  `
local ends = redis.call('PEXPIRETIME', KEYS[1])
if ends <= now then
  ends = now + tonumber(ARGV[2])
  redis.call('SET', KEYS[1], 1, 'PXAT', ends)
  return { now, 1, ends - now }
end
return { now, redis.call('INCR', KEYS[1]), ends - now }
`,
);

/** ARGV: window, amount, most. Runs when memory is full too: that there is no room is for `reserve` to say. */
const SPEND = script(
  "spend",
  1,
  "allow-oom",
  `
local amount, most = tonumber(ARGV[3]), tonumber(ARGV[4])
local ends, taken = redis.call('PEXPIRETIME', KEYS[1]), 0
if ends > now then taken = tonumber(redis.call('GET', KEYS[1]))
elseif amount <= 0 then return { now, 1, 0 }
else ends = now + tonumber(ARGV[2]) end
if amount > 0 and taken + amount > most then return { now, 0, ends - now } end
redis.call('SET', KEYS[1], string.format('%.0f', math.max(0, taken + amount)), 'PXAT', ends)
return { now, 1, ends - now }
`,
);

const DAY_KEY = script(
  "day_key",
  1,
  "allow-oom",
  `
redis.call('SET', KEYS[1], ARGV[2], 'NX', 'PXAT', ARGV[3])
return { now, redis.call('GET', KEYS[1]) }
`,
);

/** An answer that was lost makes the event count twice. */
export async function count(
  steps: Steps,
  bucket: string,
  windowMs: number,
): Promise<{ readonly count: number; readonly resetMs: number }> {
  const answer = await steps.execute(COUNT, [countKey(bucket)], [windowMs]);
  return { count: counted(answer, 1), resetMs: counted(answer, 2) };
}

/** An answer that was lost makes the amount be taken twice. */
export async function spend(
  steps: Steps,
  bucket: string,
  windowMs: number,
  amount: number,
  most: number,
): Promise<SpendAnswer> {
  const answer = await steps.execute(SPEND, [countKey(bucket)], [windowMs, amount, most]);
  return counted(answer, 1) === 1
    ? { outcome: "spent" }
    : { outcome: "exceeded", resetMs: counted(answer, 2) };
}

/** The key that addresses are hashed with, fetched once a day. */
export class LimiterKey {
  readonly #keyspace: Keyspace;
  #day = -1;
  #key = new Uint8Array();

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  async today(): Promise<Uint8Array> {
    const day = Math.floor(this.#keyspace.clock.estimate() / DAY_MS);
    if (day !== this.#day) {
      const forgotten = (day + 2) * DAY_MS;
      const answer = await this.#keyspace.execute(
        DAY_KEY,
        [limiterKeyKey(day)],
        [randomBytes(32), forgotten],
      );
      this.#key = new Uint8Array(bytes(answer, 1));
      this.#day = day;
    }
    return this.#key;
  }
}
