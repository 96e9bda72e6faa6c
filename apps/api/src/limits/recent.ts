/**
 * A bounded map that forgets. There are two generations: an entry that is used moves to the young one, and the old one is dropped as a
 * whole. An entry stays for `ageMs` after its last use. A flood that fills a generation sooner drops what was not used meanwhile.
 */
export class Recent<V> {
  readonly #most: number;
  readonly #ageMs: number;
  readonly #stays: (value: V) => boolean;
  #young = new Map<string, V>();
  #old = new Map<string, V>();
  #bornAt = Number.NEGATIVE_INFINITY;
  /** How many generations have begun. */
  generation = 0;

  /** `most`: entries of one generation. `stays`: whether an entry is kept however long ago it was used. */
  constructor(most: number, ageMs: number, stays: (value: V) => boolean = () => false) {
    this.#most = most;
    this.#ageMs = ageMs;
    this.#stays = stays;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** To be told the time before it is used. On a clock that never goes back. */
  at(now: number): this {
    if (now - this.#bornAt >= this.#ageMs || this.#young.size >= this.#most) {
      const dropped = this.#old;
      this.#old = this.#young;
      this.#young = new Map();
      this.#bornAt = now;
      this.generation += 1;
      for (const [key, value] of dropped)
        if (!this.#old.has(key) && this.#stays(value)) this.#young.set(key, value);
    }
    return this;
  }

  get(key: string): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.#young.set(key, old);
    return old;
  }

  set(key: string, value: V): void {
    this.#young.set(key, value);
  }
}
