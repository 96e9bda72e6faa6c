import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { mersenne } from "pure-rand/generator/mersenne";

/** Numbers that follow from a seed. For plans only: nothing that has to be unguessable comes from here. */
export class Random {
  readonly #generator;

  /** `stream` tells apart what is drawn from one seed, so that a plan does not shift when another one draws more. */
  constructor(seed: number, stream = 0) {
    this.#generator = mersenne(seed ^ Math.imul(stream + 1, 0x9e3779b9));
  }

  /** A whole number from 0 to `end` − 1. */
  below(end: number): number {
    return this.between(0, end - 1);
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return uniformInt(this.#generator, least, most);
  }

  chance(probability: number): boolean {
    return uniformFloat64(this.#generator) < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T;
  }

  /** One of the entries, each as likely as its weight. */
  weighted<T>(from: readonly { readonly weight: number; readonly what: T }[]): T {
    let left = uniformFloat64(this.#generator) * from.reduce((sum, { weight }) => sum + weight, 0);
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
}
