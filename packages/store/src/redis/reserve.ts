import type { Reservation, ReserveAnswer } from "../contract.ts";
import { StoreUnavailable } from "../errors.ts";
import { partCount } from "../life.ts";
import { count, unexpected, word } from "./answer.ts";
import { binary, type Connection } from "./connection.ts";
import { recordKey } from "./keys.ts";
import { secretScript } from "./record.ts";

/** Create-if-same: sent again it finds its own reservation, or the secret that became of it. */
export const RESERVE = secretScript(
  "reserve",
  1,
  "",
  `
local link, passphrase, manage = ARGV[2], ARGV[3], ARGV[4]
local r = find()
if r then
  if r.link ~= link or r.manage ~= manage or not r.due then return { now, 'taken' } end
  return { now, 'reserved', r.due }
end
local parts = tonumber(ARGV[9])
redis.call('DEL', key)
redis.call('HSET', key, 'state', 'reserved', 'link', link, 'manage', manage, 'reads', ARGV[5], 'left', ARGV[5],
  'lifetime', ARGV[6], 'bytes', ARGV[7], 'part', ARGV[8], 'parts', parts, 'lease', ARGV[10], 'due', now + DEPOSIT)
if passphrase ~= '' then redis.call('HSET', key, 'passphrase', passphrase) end
if parts > 1 then redis.call('HSET', key, 'missing', parts, 'deposited', string.rep('0', parts)) end
redis.call('PEXPIREAT', key, now + DEPOSIT)
return { now, 'reserved', now + DEPOSIT }
`,
);

export async function reserve(connection: Connection, reservation: Reservation): Promise<ReserveAnswer> {
  const { id, link, passphrase, manage, reads, lifetimeMs, bytes, partBytes, leaseMs } = reservation;
  const answer = await connection
    .run(
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
      ],
    )
    .catch(fullOrThrow);
  if ("outcome" in answer) return answer;
  if (word(answer, 1) !== "reserved") unexpected();
  return { outcome: "reserved", depositBy: count(answer, 2) };
}

const FULL = { outcome: "full" } as const;

/** For the two verbs that have an outcome for it. */
export function fullOrThrow(error: unknown): typeof FULL {
  if (error instanceof StoreUnavailable && error.reason === "full") return FULL;
  throw error;
}
