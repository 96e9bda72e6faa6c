/** Header and end of a long string (sds.h). */
const STRING_BYTES = 10;

/**
 * The memory that a part takes, but for its key. jemalloc, which Redis is built with, has four sizes for each doubling
 * (https://jemalloc.net/jemalloc.3.html, size classes): a mebibyte takes a mebibyte and a quarter. Where another allocator wastes less,
 * a little too much is reckoned until the memory in use is measured.
 */
export function partFootprint(bytes: number): number {
  const size = bytes + STRING_BYTES;
  const step = Math.max(16, 2 ** (Math.floor(Math.log2(size - 1)) - 2));
  return Math.ceil(size / step) * step;
}
