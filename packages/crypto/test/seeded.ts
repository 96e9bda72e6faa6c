/** A small generator with a seed, for tests that want many bytes fast and the same each time (xorshift32). */
export function seeded(seed: number): { below(limit: number): number; bytes(length: number): Uint8Array } {
  let state = seed | 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return {
    below: (limit) => next() % limit,
    bytes: (length) => new Uint8Array(length).map(() => next() & 255),
  };
}
