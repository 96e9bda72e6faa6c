import { partCount, partLength } from "../life.ts";
import type { Transaction } from "./commits.ts";
import { partKey } from "./end.ts";
import type { ActiveRow } from "./row.ts";

/** How many parts of a record exist, and how many of them have a wrong length. */
export function partsOf(
  transaction: Transaction,
  { secret, bytes, part_bytes }: ActiveRow,
): { n: number; wrong: number } {
  const last = partCount(bytes, part_bytes) - 1;
  const lengths = [partKey(secret, last), partLength(bytes, part_bytes, last), part_bytes] as const;
  return transaction.sql.countParts.get(...lengths, partKey(secret, 0), partKey(secret + 1, 0)) as {
    n: number;
    wrong: number;
  };
}

/** True if every part exists with the right length. */
export function isWhole(transaction: Transaction, row: ActiveRow): boolean {
  const { n, wrong } = partsOf(transaction, row);
  return wrong === 0 && n === partCount(row.bytes, row.part_bytes);
}

/** The bytes of a part; null if it is missing or has the wrong length. */
export function partOf(transaction: Transaction, row: ActiveRow, part: number): Uint8Array | null {
  const stored = transaction.sql.getPart.get(partKey(row.secret, part)) as { bytes: Uint8Array } | undefined;
  return stored?.bytes.byteLength === partLength(row.bytes, row.part_bytes, part) ? stored.bytes : null;
}
