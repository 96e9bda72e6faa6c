import { partCount, partLength } from "../life.ts";
import type { Turn } from "./commits.ts";
import { partKey } from "./end.ts";
import type { Kept } from "./row.ts";

/** How many parts of a record are there, and how many of them have a length that they cannot have. */
export function partsOf(turn: Turn, { secret, bytes, part_bytes }: Kept): { n: number; wrong: number } {
  const last = partCount(bytes, part_bytes) - 1;
  const lengths = [partKey(secret, last), partLength(bytes, part_bytes, last), part_bytes] as const;
  return turn.sql.countParts.get(...lengths, partKey(secret, 0), partKey(secret + 1, 0)) as {
    n: number;
    wrong: number;
  };
}

/** Whether every part is there, and as long as it must be. */
export function isWhole(turn: Turn, row: Kept): boolean {
  const { n, wrong } = partsOf(turn, row);
  return wrong === 0 && n === partCount(row.bytes, row.part_bytes);
}

/** The bytes of a part; null when they are not there, or not as long as they must be. */
export function partOf(turn: Turn, row: Kept, part: number): Uint8Array | null {
  const kept = turn.sql.getPart.get(partKey(row.secret, part)) as { bytes: Uint8Array } | undefined;
  return kept?.bytes.byteLength === partLength(row.bytes, row.part_bytes, part) ? kept.bytes : null;
}
