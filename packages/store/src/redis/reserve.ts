import type { Reservation, ReserveAnswer } from "../contract/secrets.ts";
import { partCount } from "../life.ts";
import { FULL, fullOrThrow } from "../outcomes.ts";
import { count, unexpected, word } from "./answer.ts";
import { recordKey } from "./keys.ts";
import { secretScript } from "./record.ts";
import { binary } from "./script-command.ts";
import type { Steps } from "./steps.ts";

/**
 * Creates if absent. Idempotent: a repeated reservation finds its own record, or the secret that it became. A
 * stale record with this id (past its time, of another run, or invalid) is deleted first, parts included.
 */
const RESERVE = secretScript(
  "reserve",
  1,
  "",
  `
local link, passphrase, manage, fits = ARGV[2], ARGV[3], ARGV[4], ARGV[11]
local r, stale = find()
if r then
  local same = r.link == link and r.manage == manage and (r.passphrase or '') == passphrase and r.reads == ARGV[5]
    and r.bytes == tonumber(ARGV[7]) and r.part == tonumber(ARGV[8]) and r.lease == tonumber(ARGV[10])
    and r.lifetime == tonumber(ARGV[6])
  if not same or r.end_state then return { now, 'taken' } end
  return { now, 'reserved', r.due }
end
if fits == '0' then return { now, 'full' } end
local parts, due = tonumber(ARGV[9]), now + deposit_ms(tonumber(ARGV[7]))
if stale then
  each_part(stale, 'DEL')
  redis.call('DEL', key)
end
redis.call('HSET', key, 'state', 'reserved', 'link', link, 'manage', manage, 'reads', ARGV[5], 'left', ARGV[5],
  'lifetime', ARGV[6], 'bytes', ARGV[7], 'part', ARGV[8], 'parts', parts, 'lease', ARGV[10], 'due', due)
if binding ~= '' then redis.call('HSET', key, 'run', binding) end
if passphrase ~= '' then redis.call('HSET', key, 'passphrase', passphrase) end
if parts > 1 then redis.call('HSET', key, 'deposited', string.rep('0', parts)) end
redis.call('PEXPIREAT', key, due + TOMBSTONE)
return { now, 'reserved', due }
`,
);

/** Answers `full` unless the envelope fits, or this same reservation exists already. */
export async function reserve(steps: Steps, reservation: Reservation, fits: boolean): Promise<ReserveAnswer> {
  const { id, link, passphrase, manage, reads, lifetimeMs, bytes, partBytes, leaseMs } = reservation;
  const answer = await steps
    .execute(
      RESERVE,
      [recordKey(id)],
      [
        binary(link),
        passphrase === null ? "" : binary(passphrase),
        binary(manage),
        reads,
        lifetimeMs,
        bytes,
        partBytes,
        partCount(bytes, partBytes),
        leaseMs,
        fits ? 1 : 0,
      ],
    )
    .catch(fullOrThrow);
  if ("outcome" in answer) return answer;
  switch (word(answer, 1)) {
    case "reserved":
      return { outcome: "reserved", depositBy: count(answer, 2) };
    case "full":
      return FULL;
    default:
      return unexpected();
  }
}
