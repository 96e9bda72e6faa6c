import type { Deposit, DepositAnswer, Id, Reservation } from "../contract.ts";
import { count } from "./answer.ts";
import { within } from "./deadline.ts";
import type { Deployment } from "./deployment.ts";
import { footprint, partFootprint } from "./footprint.ts";
import { recordKey } from "./keys.ts";
import { secretScript } from "./record.ts";

const LOOK_MS = 1_000;
/** A look that takes longer, at a server that does not answer, is not waited for: what was asked may be none of its business. */
const PATIENCE_MS = 500;
/**
 * How many promises are compared with their records at each look: a quarter of them, within these bounds. Where half of the deposits come
 * through another process, a fixed number would fall behind, and after some hours the store would be believed full.
 */
const COMPARED = { least: 200, most: 2_000, atOnce: 100 } as const;

/** KEYS: record. The bytes that a reservation still waits for; 0 when there is none, or none any more. */
const OWED = secretScript(
  "owed",
  1,
  "no-writes",
  `
local r = find()
if not r or r.state ~= 'reserved' then return { now, 0 } end
if r.parts == 1 then return { now, r.bytes } end
return { now, math.min(r.bytes, r.part * tonumber(redis.call('HGET', key, 'missing'))) }
`,
);

interface Promised {
  /** Bytes of the envelope that have not come. */
  readonly left: number;
  readonly partBytes: number;
}

const memoryOf = ({ left, partBytes }: Promised): number => footprint(left, partBytes);

/**
 * Whether there is room: the memory in use when it was last asked for, what was deposited through this process since, and what
 * this process has promised to reservations whose bytes have not come yet. Those of other processes are seen when they have
 * come, which is why a deposit asks for room too. The server's maxmemory is exact besides.
 */
export class Room {
  readonly #deployment: Deployment;
  readonly #capacity: number;
  readonly #promises = new Map<Id, Promised>();
  #promised = 0;
  #used: number;
  #since = 0;
  #lookedAt = performance.now();
  #looking: Promise<void> | undefined;

  private constructor(deployment: Deployment, capacity: number, used: number) {
    this.#deployment = deployment;
    this.#capacity = capacity;
    this.#used = used;
  }

  static async measure(deployment: Deployment, capacity: number): Promise<Room> {
    return new Room(deployment, capacity, await deployment.usedMemory());
  }

  /** Promises room to a reservation, once for each id. False: there is none, and nothing was promised. */
  async promise({ id, bytes, partBytes }: Reservation): Promise<boolean> {
    if (this.#promises.has(id)) return true;
    const promise = { left: bytes, partBytes };
    if (!this.#fits(this.#promised + memoryOf(promise))) await this.refresh();
    if (!this.#fits(this.#promised + memoryOf(promise))) return false;
    this.#keep(id, promise);
    return true;
  }

  /** Whether one more part fits, promised or not. */
  async admits(bytes: number): Promise<boolean> {
    if (!this.#fits(partFootprint(bytes))) await this.refresh();
    return this.#fits(partFootprint(bytes));
  }

  /** What was promised is in memory now, as far as the answer says so. */
  deposited({ id, bytes }: Deposit, answer: DepositAnswer): void {
    if (answer.outcome !== "live" && answer.outcome !== "incomplete") return;
    const promise = this.#promises.get(id);
    if (promise === undefined) {
      this.#since += partFootprint(bytes.byteLength);
      return;
    }
    const missing = answer.outcome === "live" ? 0 : answer.missing.length;
    const owed = { ...promise, left: Math.min(promise.left, missing * promise.partBytes) };
    this.#since += memoryOf(promise) - memoryOf(owed);
    this.#keep(id, owed);
  }

  /** Nothing will come of this reservation any more. */
  release(id: Id): void {
    const promise = this.#promises.get(id);
    if (promise !== undefined) this.#promised -= memoryOf(promise);
    this.#promises.delete(id);
  }

  /** Measures again, at most once a second. A look that fails leaves the last one standing. */
  async refresh(): Promise<void> {
    const now = performance.now();
    if (this.#looking === undefined && now - this.#lookedAt >= LOOK_MS) {
      this.#lookedAt = now;
      // The verb that asked has its own answer; the next second asks again.
      this.#looking = this.#look()
        .catch(() => undefined)
        .finally(() => {
          this.#looking = undefined;
        });
    }
    const looking = this.#looking;
    if (looking !== undefined) await within(PATIENCE_MS, "timeout", () => looking).catch(() => undefined);
  }

  async #look(): Promise<void> {
    const since = this.#since;
    this.#used = await this.#deployment.usedMemory();
    this.#since -= since;
    await this.#compare();
  }

  /** Bytes that came through another process, and reservations whose time is over, are promised no longer. */
  async #compare(): Promise<void> {
    const { least, most, atOnce } = COMPARED;
    const some = Math.min(Math.max(this.#promises.size / 4, least), most);
    const oldest = [...this.#promises.keys()].slice(0, some);
    const compare = async (id: Id) => {
      const owed = count(await this.#deployment.execute(OWED, [recordKey(id)], []), 1);
      const promise = this.#promises.get(id);
      if (promise === undefined) return;
      this.#keep(id, { ...promise, left: Math.min(promise.left, owed) });
    };
    for (let from = 0; from < oldest.length; from += atOnce)
      await Promise.all(oldest.slice(from, from + atOnce).map(compare));
  }

  #keep(id: Id, promise: Promised): void {
    this.release(id);
    if (promise.left === 0) return;
    this.#promised += memoryOf(promise);
    this.#promises.set(id, promise);
  }

  #fits(memory: number): boolean {
    return this.#used + this.#since + memory <= this.#capacity;
  }
}
