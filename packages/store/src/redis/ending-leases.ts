import type { Id } from "../contract.ts";
import { count } from "./answer.ts";
import type { Keyspace } from "./connection.ts";
import { MEND_RECORD } from "./inspect.ts";
import { recordKey } from "./keys.ts";

const MOST = 10_000;

/**
 * The leases that this process has given out, and when they end. Redis drops an expired key when somebody touches it, or when
 * its sampling comes by: among 200,000 keys that have long to live, bytes whose lease had ended were in memory for more
 * than 20 s (7.0.15). So the process that gave out a lease sees to its end. Should it die first, the sweep does.
 */
export class EndingLeases {
  readonly #keyspace: Keyspace;
  readonly #ends = new Map<Id, number>();

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Remembers the later end of two for one secret; the oldest of too many is left to the sweep. */
  remember(id: Id, ends: number): void {
    const known = this.#ends.get(id);
    if (known !== undefined && known >= ends) return;
    this.#ends.set(id, ends);
    if (this.#ends.size <= MOST) return;
    const [oldest] = this.#ends.keys();
    if (oldest !== undefined) this.#ends.delete(oldest);
  }

  /** For a secret of which nothing is left: most are acknowledged long before their lease would have ended. */
  forget(id: Id): void {
    this.#ends.delete(id);
  }

  /** Ends those that are over, at most `limit`. A record that has reads or other leases left stays as it is. */
  async endDue(limit: number): Promise<void> {
    const now = this.#keyspace.clock.estimate();
    const due: [Id, number][] = [];
    for (const [id, ends] of this.#ends) {
      if (due.length >= limit) break;
      if (ends <= now) due.push([id, ends]);
    }
    await Promise.all(due.map(([id, ends]) => this.#end(id, ends)));
  }

  /**
   * Forgotten only when the store's own time had reached the end: the estimate may run ahead, and the lease may be renewed meanwhile. One
   * whose server does not answer lets the others go first.
   */
  async #end(id: Id, ends: number): Promise<void> {
    try {
      const answer = await this.#keyspace.execute(MEND_RECORD, [recordKey(id)], [-1]);
      if (count(answer, 0) >= ends && this.#ends.get(id) === ends) this.#ends.delete(id);
    } catch (error) {
      const now = this.#ends.get(id);
      this.#ends.delete(id);
      if (now !== undefined) this.#ends.set(id, now);
      throw error;
    }
  }
}
