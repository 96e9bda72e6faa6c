import type { Id } from "../contract/secrets.ts";
import { countOrNull } from "./answer.ts";
import { REPAIR_RECORD } from "./audit.ts";
import { recordKey } from "./keys.ts";
import type { Keyspace } from "./steps.ts";

const MOST = 10_000;

/**
 * When the leases that this process gave out, and the uploads that it began, end. Redis itself drops parts
 * only at the secret's expiry, since a halt may renew a lease. So the process that gave out a lease ends it.
 * If the process dies, the sweep does.
 */
export class EndingLeases {
  readonly #keyspace: Keyspace;
  readonly #ends = new Map<Id, number>();

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Remembers the last known end of a secret's lease. Beyond the limit, the oldest is left to the sweep. */
  remember(id: Id, ends: number): void {
    this.#ends.set(id, ends);
    if (this.#ends.size <= MOST) return;
    const [oldest] = this.#ends.keys();
    if (oldest !== undefined) this.#ends.delete(oldest);
  }

  /** Remembers an upload, unless a lease of the same secret is known. */
  rememberUpload(id: Id, until: number): void {
    if (!this.#ends.has(id)) this.remember(id, until);
  }

  /** Call this when a secret has ended: most are acknowledged long before their lease would end. */
  forget(id: Id): void {
    this.#ends.delete(id);
  }

  /**
   * Ends at most `limit` secrets whose lease is over. A record with reads or leases left stays. So does a
   * lease that ends only while the command is on its way: a halt that began meanwhile has cut it off.
   */
  async endDue(limit: number): Promise<void> {
    const now = this.#keyspace.clock.estimate();
    const due: [Id, number][] = [];
    for (const [id, ends] of this.#ends) {
      if (due.length >= limit) break;
      if (ends <= now) due.push([id, ends]);
    }
    await Promise.all(due.map(([id, ends]) => this.#end(id, ends, now)));
  }

  /**
   * Remembers the next end that the server answers: the estimated time may run ahead, and another process or
   * a sweep may have renewed the lease. After an error the secret goes to the end of the queue.
   */
  async #end(id: Id, ends: number, asOf: number): Promise<void> {
    try {
      const answer = await this.#keyspace.execute(REPAIR_RECORD, [recordKey(id)], [-1, -1, asOf]);
      if (this.#ends.get(id) !== ends) return;
      const next = countOrNull(answer, 3);
      if (next === null) this.#ends.delete(id);
      else this.#ends.set(id, next);
    } catch (error) {
      const now = this.#ends.get(id);
      this.#ends.delete(id);
      if (now !== undefined) this.#ends.set(id, now);
      throw error;
    }
  }
}
