import type { Id } from "../contract/secrets.ts";
import { countOrNull } from "./answer.ts";
import { MEND_RECORD } from "./audit.ts";
import type { Keyspace } from "./connection.ts";
import { recordKey } from "./keys.ts";

const MOST = 10_000;

/**
 * The leases that this process has given out, the uploads of several parts that it has begun, and when they end. Redis itself would drop
 * the parts at the secret's expiry only, for a halt may give a lease its time anew. So the process that gave out a lease sees to its end.
 * Should it die first, the sweep does.
 */
export class EndingLeases {
  readonly #keyspace: Keyspace;
  readonly #ends = new Map<Id, number>();

  constructor(keyspace: Keyspace) {
    this.#keyspace = keyspace;
  }

  /** Remembers the end that was told last of a secret; the oldest of too many is left to the sweep. */
  remember(id: Id, ends: number): void {
    this.#ends.set(id, ends);
    if (this.#ends.size <= MOST) return;
    const [oldest] = this.#ends.keys();
    if (oldest !== undefined) this.#ends.delete(oldest);
  }

  /** The same for an upload, unless a lease of the same secret is known already. */
  rememberUpload(id: Id, until: number): void {
    if (!this.#ends.has(id)) this.remember(id, until);
  }

  /** For a secret of which nothing is left: most are acknowledged long before their lease would have ended. */
  forget(id: Id): void {
    this.#ends.delete(id);
  }

  /**
   * Ends those that are over, at most `limit`. A record that has reads or other leases left stays as it is. So does one that is over only
   * when the server gets the command: a halt that began meanwhile has cut it off.
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
   * The server says what ends next: the estimate of its time may run ahead, and the lease may have been renewed, by another process or by
   * the sweep after a halt. One whose server does not answer lets the others go first.
   */
  async #end(id: Id, ends: number, asOf: number): Promise<void> {
    try {
      const answer = await this.#keyspace.execute(MEND_RECORD, [recordKey(id)], [-1, -1, asOf]);
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
