import type { Deposit, DepositAnswer } from "../contract/secrets.ts";
import { partCount, partLength } from "../life.ts";
import { gone, NOT_FOUND } from "../outcomes.ts";
import { partFits } from "./capacity.ts";
import type { Transaction } from "./commits.ts";
import { partKey } from "./end.ts";
import { isWhole } from "./parts.ts";
import { constantTimeEqual, find } from "./record.ts";
import type { ActiveRow } from "./row.ts";

export function deposit(transaction: Transaction, given: Deposit, capacityBytes: number): DepositAnswer {
  const found = find(transaction, given.id);
  if (!found || !constantTimeEqual(found.row.manage, given.manage)) return NOT_FOUND;
  if (found.kind === "ended") return gone(found.state, found.endedAt);
  const { row } = found;
  const expected = partLength(row.bytes, row.part_bytes, given.part);
  if (expected === null || expected !== given.bytes.byteLength) return { outcome: "wrong_length", expected };

  const key = partKey(row.secret, given.part);
  const stored = transaction.sql.getPart.get(key) as { bytes: Uint8Array } | undefined;
  if (stored && stored.bytes.byteLength !== expected) return NOT_FOUND;
  if (stored && !constantTimeEqual(stored.bytes, given.bytes)) return { outcome: "conflict" };
  if (row.state === "live") return stored ? { outcome: "live", expiresAt: row.expires_at } : NOT_FOUND;
  if (!stored) {
    if (!partFits(transaction, expected, row.bytes, capacityBytes)) return { outcome: "full" };
    transaction.sql.putPart.run(key, given.bytes);
    transaction.changed = true;
  }
  const missing = missingParts(transaction, row);
  if (missing.length > 0) return { outcome: "incomplete", missing };
  if (!isWhole(transaction, row)) return NOT_FOUND;
  const expiresAt = transaction.now + row.lifetime_ms;
  transaction.sql.enliven.run(expiresAt, expiresAt, row.secret);
  transaction.changed = true;
  return { outcome: "live", expiresAt };
}

function missingParts(transaction: Transaction, row: ActiveRow): number[] {
  const count = partCount(row.bytes, row.part_bytes);
  if (count === 1) return [];
  const stored = transaction.sql.listParts.all(partKey(row.secret, 0), partKey(row.secret + 1, 0)) as {
    part: number;
  }[];
  const here = new Set(stored.map(({ part }) => part - partKey(row.secret, 0)));
  return Array.from({ length: count }, (_, part) => part).filter((part) => !here.has(part));
}
