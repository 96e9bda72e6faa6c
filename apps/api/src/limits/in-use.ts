import { allowance, type Client } from "./client.ts";

/** How much of something each client, and all together, have at a time. Clients are forgotten when they have nothing. */
export class InUse {
  readonly #most: number;
  readonly #ofEach = new Map<string, number>();
  #all = 0;

  /** `most`: what one client may have. */
  constructor(most: number) {
    this.#most = most;
  }

  get all(): number {
    return this.#all;
  }

  has([name = ""]: Client): boolean {
    return this.#ofEach.has(name);
  }

  /** False, and nothing is changed, when `amount` more is more than any name of the client may have. */
  add(client: Client, amount: number): boolean {
    for (const [index, name] of client.entries())
      if ((this.#ofEach.get(name) ?? 0) + amount > allowance(this.#most, index)) return false;
    for (const name of client) this.#ofEach.set(name, (this.#ofEach.get(name) ?? 0) + amount);
    this.#all += amount;
    return true;
  }

  /** Takes back what was added before. */
  remove(client: Client, amount: number): void {
    for (const name of client) {
      const left = (this.#ofEach.get(name) ?? 0) - amount;
      if (left > 0) this.#ofEach.set(name, left);
      else this.#ofEach.delete(name);
    }
    this.#all -= amount;
  }
}
