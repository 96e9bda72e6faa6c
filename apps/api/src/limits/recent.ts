/**
 * A bounded map that drops unused entries. It has two generations: a used entry moves to the young one, and the old one is dropped
 * as a whole. An entry stays for `ageMs` after its last use. A flood that fills a generation sooner also drops unused entries sooner.
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

  /** `most`: entries of one generation. `stays`: true for an entry that must not be dropped, whatever its age. */
  constructor(most: number, ageMs: number, stays: (value: V) => boolean = () => false) {
    this.#most = most;
    this.#ageMs = ageMs;
    this.#stays = stays;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** Begins a new generation if one is due. Call it before each use, with the time of a monotonic clock. */
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
