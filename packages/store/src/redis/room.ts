import type { Connection } from "./connection.ts";
import { usedMemory } from "./server.ts";

const LOOK_MS = 1_000;

/**
 * Whether there is room for one more envelope: the memory in use when it was last asked for, and what this process has let in
 * since. Between two looks, and for reservations that are deposited later, it is an estimate; the server's maxmemory is exact.
 */
export class Room {
  readonly #connection: Connection;
  readonly #capacity: number;
  #used: number;
  #promised = 0;
  #lookedAt = performance.now();

  private constructor(connection: Connection, capacity: number, used: number) {
    this.#connection = connection;
    this.#capacity = capacity;
    this.#used = used;
  }

  static async measure(connection: Connection, capacity: number): Promise<Room> {
    return new Room(connection, capacity, await usedMemory(connection));
  }

  admits(bytes: number): boolean {
    return this.#used + this.#promised + bytes <= this.#capacity;
  }

  promise(bytes: number): void {
    this.#promised += bytes;
  }

  /** Measures again, at most once a second. A look that fails leaves the last one standing. */
  async refresh(): Promise<void> {
    const now = performance.now();
    if (now - this.#lookedAt < LOOK_MS) return;
    this.#lookedAt = now;
    try {
      this.#used = await usedMemory(this.#connection);
      this.#promised = 0;
    } catch {
      // The verb that asked has its own answer; the next second asks again.
    }
  }
}
