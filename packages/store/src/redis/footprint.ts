/** Header and end of a long string (sds.h). */
const STRING_BYTES = 10;

/**
 * Bytes of memory that a part takes, without its key. jemalloc has four size classes for each doubling
 * (https://jemalloc.net/jemalloc.3.html): just over a mebibyte takes a mebibyte and a quarter. With another
 * allocator this counts a little too much until the next measurement.
 */
export function partFootprint(bytes: number): number {
  const size = bytes + STRING_BYTES;
  const step = Math.max(16, 2 ** (Math.floor(Math.log2(size - 1)) - 2));
  return Math.ceil(size / step) * step;
}
