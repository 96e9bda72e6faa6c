/**
 * Numbers that follow from a seed (xorshift32, Marsaglia 2003). For plans only: nothing that has to be unguessable comes from here.
 */
export class Random {
  #state: number;

  /** `stream` tells apart what is drawn from one seed, so that a plan does not shift when another one draws more. */
  constructor(seed: number, stream = 0) {
    this.#state = mixed(mixed(seed >>> 0) ^ Math.imul(stream + 1, 0x9e3779b9)) || 1;
  }

  /** A whole number from 0 to `end` − 1. */
  below(end: number): number {
    return Math.floor(this.#next() * end);
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  /** One of the entries, each as likely as its weight. */
  weighted<T>(from: readonly { readonly weight: number; readonly what: T }[]): T {
    let left = this.#next() * from.reduce((sum, { weight }) => sum + weight, 0);
    for (const { weight, what } of from) {
      left -= weight;
      if (left < 0) return what;
    }
    return (from.at(-1) as { what: T }).what;
  }

  bytes(length: number): Buffer<ArrayBuffer> {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; at++) bytes[at] = this.below(256);
    return bytes;
  }

  /** From 0 up to, not including, 1. */
  #next(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return (state >>> 0) / 2 ** 32;
  }
}

/** Spreads neighbouring seeds: xorshift alone starts alike for them. */
function mixed(value: number): number {
  let bits = (value + 0x6d2b79f5) | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
