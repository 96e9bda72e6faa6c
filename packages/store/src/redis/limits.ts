import { randomBytes } from "node:crypto";
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
