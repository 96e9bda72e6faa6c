import type { Deposit, DepositAnswer } from "../contract/secrets.ts";
import { partCount, partLength } from "../life.ts";
import { gone, NOT_FOUND } from "../outcomes.ts";
import { partFits } from "./capacity.ts";
import type { Turn } from "./commits.ts";
import { partKey } from "./end.ts";
import { isWhole } from "./parts.ts";
import { find, same } from "./record.ts";
import type { Kept } from "./row.ts";

export function deposit(turn: Turn, given: Deposit, capacityBytes: number): DepositAnswer {
  const found = find(turn, given.id);
  if (!found || !same(found.row.manage, given.manage)) return NOT_FOUND;
  if (found.kind === "ended") return gone(found.state, found.endedAt);
  const { row } = found;
  const expected = partLength(row.bytes, row.part_bytes, given.part);
  if (expected === null || expected !== given.bytes.byteLength) return { outcome: "wrong_length", expected };

  const key = partKey(row.secret, given.part);
  const kept = turn.sql.getPart.get(key) as { bytes: Uint8Array } | undefined;
  if (kept && kept.bytes.byteLength !== expected) return NOT_FOUND;
  if (kept && !same(kept.bytes, given.bytes)) return { outcome: "conflict" };
  if (row.state === "live") return kept ? { outcome: "live", expiresAt: row.expires_at } : NOT_FOUND;
  if (!kept) {
    if (!partFits(turn, expected, row.bytes, capacityBytes)) return { outcome: "full" };
    turn.sql.putPart.run(key, given.bytes);
    turn.changed = true;
  }
  const missing = missingParts(turn, row);
  if (missing.length > 0) return { outcome: "incomplete", missing };
  if (!isWhole(turn, row)) return NOT_FOUND;
  const expiresAt = turn.now + row.lifetime_ms;
  turn.sql.enliven.run(expiresAt, expiresAt, row.secret);
  turn.changed = true;
  return { outcome: "live", expiresAt };
}

function missingParts(turn: Turn, row: Kept): number[] {
  const count = partCount(row.bytes, row.part_bytes);
  if (count === 1) return [];
  const kept = turn.sql.listParts.all(partKey(row.secret, 0), partKey(row.secret + 1, 0)) as {
    part: number;
  }[];
  const here = new Set(kept.map(({ part }) => part - partKey(row.secret, 0)));
  return Array.from({ length: count }, (_, part) => part).filter((part) => !here.has(part));
}
