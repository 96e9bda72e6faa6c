import { footprint, limitFor } from "../capacity.ts";
import type { Turn } from "./commits.ts";
import { PAGE_BYTES } from "./pragmas.ts";

/** Bytes of a part in an overflow page: the page less the number of the next one. */
const OVERFLOW_BYTES = PAGE_BYTES - 4;

/**
 * What a part takes at most: its overflow pages, its place in a leaf, and one page that the zeros before it may spill into
 * (see migrations.ts).
 */
export function partFootprint(bytes: number): number {
  return (Math.ceil(bytes / OVERFLOW_BYTES) + 2) * PAGE_BYTES;
}

/** Bytes of the pages in use, as this transaction sees them: envelopes, records, claims and tombstones alike. */
export function storedBytes({ sql }: Turn): number {
  const { page_count } = sql.pageCount.get() as { page_count: number };
  const { freelist_count } = sql.freePageCount.get() as { freelist_count: number };
  return (page_count - freelist_count) * PAGE_BYTES;
}

/** Whether a whole envelope would fit now. */
export function envelopeFits(
  turn: Turn,
  { bytes, partBytes }: { readonly bytes: number; readonly partBytes: number },
  capacityBytes: number,
): boolean {
  const added = footprint(bytes, partBytes, partFootprint);
  return storedBytes(turn) + added <= limitFor(bytes, capacityBytes);
}

/** Whether one more part of an envelope of `envelopeBytes` fits now. */
export function partFits(turn: Turn, bytes: number, envelopeBytes: number, capacityBytes: number): boolean {
  return storedBytes(turn) + partFootprint(bytes) <= limitFor(envelopeBytes, capacityBytes);
}
