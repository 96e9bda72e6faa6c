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

export interface BoundCapacity {
  readonly bytes: number;
  readonly warnings: readonly string[];
}

/** What the write-ahead log takes, with some transactions beyond the pages after which SQLite begins it anew. */
const LOG_BYTES = 8 * 1024 * 1024;

/** The declared capacity, but never more than the disk has room for: the file as it is, and what is free less the log. */
export function boundCapacity(declaredBytes: number, fileBytes: number, freeBytes: number): BoundCapacity {
  const availableBytes = fileBytes + Math.max(0, freeBytes - LOG_BYTES);
  if (declaredBytes <= availableBytes) return { bytes: declaredBytes, warnings: [] };
  const warning = `The capacity is ${declaredBytes} bytes, but the disk has room for ${availableBytes}: the store takes no more than that.`;
  return { bytes: availableBytes, warnings: [warning] };
}
