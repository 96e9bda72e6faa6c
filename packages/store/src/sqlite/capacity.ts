import { footprint, limitFor } from "../capacity.ts";
import type { Transaction } from "./commits.ts";
import { PAGE_BYTES } from "./pragmas.ts";

/** Bytes of a part in one overflow page: the page without the number of the next page. */
const OVERFLOW_BYTES = PAGE_BYTES - 4;

/**
 * The most bytes of pages that a part takes: its overflow pages, its cell in a leaf, and one page for the
 * zeros before it (migrations.ts).
 */
export function partFootprint(bytes: number): number {
  return (Math.ceil(bytes / OVERFLOW_BYTES) + 2) * PAGE_BYTES;
}

/** Bytes of the pages in use within this transaction: parts, records, claims and tombstones alike. */
export function storedBytes({ sql }: Transaction): number {
  const { page_count } = sql.pageCount.get() as { page_count: number };
  const { freelist_count } = sql.freePageCount.get() as { freelist_count: number };
  return (page_count - freelist_count) * PAGE_BYTES;
}

/** True if a whole envelope would fit now. */
export function envelopeFits(
  transaction: Transaction,
  { bytes, partBytes }: { readonly bytes: number; readonly partBytes: number },
  capacityBytes: number,
): boolean {
  const added = footprint(bytes, partBytes, partFootprint);
  return storedBytes(transaction) + added <= limitFor(bytes, capacityBytes);
}

/** True if one more part of an envelope of `envelopeBytes` fits now. */
export function partFits(
  transaction: Transaction,
  bytes: number,
  envelopeBytes: number,
  capacityBytes: number,
): boolean {
  return storedBytes(transaction) + partFootprint(bytes) <= limitFor(envelopeBytes, capacityBytes);
}

interface BoundCapacity {
  readonly bytes: number;
  readonly warnings: readonly string[];
}

/**
 * Room for the write-ahead log, which may grow by some transactions beyond SQLite's limit before it restarts.
 */
const LOG_BYTES = 8 * 1024 * 1024;

/**
 * The declared capacity, limited to the disk's room: the file's size plus the free bytes, less the
 * write-ahead log.
 */
export function boundCapacity(declaredBytes: number, fileBytes: number, freeBytes: number): BoundCapacity {
  const availableBytes = fileBytes + Math.max(0, freeBytes - LOG_BYTES);
  if (declaredBytes <= availableBytes) return { bytes: declaredBytes, warnings: [] };
  const warning = `The capacity is ${declaredBytes} bytes, but the disk has room for ${availableBytes}: the store takes no more than that.`;
  return { bytes: availableBytes, warnings: [warning] };
}
