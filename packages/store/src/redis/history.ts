import { randomBytes } from "node:crypto";
import { StoreRefused, StoreUnavailable } from "../errors.ts";
import { admit } from "../history/admission.ts";
import { Marks, writeMarkAtStart } from "../history/marks.ts";
import type { HistoryOptions } from "../options.ts";
import { Age, type Asker, TRIES } from "./age.ts";
import { LIST_PRIMARY, OWN_AGE, type Seen, seenIn } from "./age-scripts.ts";
import type { Steps } from "./connection.ts";
import { AGE_KEY, STORE_KEY } from "./keys.ts";
import { PrimaryAges } from "./primary-ages.ts";
import { isRun, type ServerRun } from "./server-run.ts";
import type { SlotMap } from "./slot-map.ts";

/** What a beat needs. */
export interface Beating extends Asker {
  readonly confirmed: Steps;
}

/** A cluster: it asks the primary that has the keys, and knows which one that is. */
export interface Spread extends Asker {
  readonly slots: SlotMap;
}

const KEYS = [STORE_KEY, AGE_KEY];

/** The store's own age, beside the tags of the primaries'. */
const OWN = "own";

/**
 * What this process remembers of the store's age, and in a cluster of each primary's. A server that is younger was put back from a copy:
 * nothing is done with the store any more, by any process, until a start is told how to go on. Without an append-only file nothing needs to
 * be remembered outside of the process, for records are bound to the server's run.
 */
export class History {
  /** Whether the server may lose its last seconds by design. */
  mayLoseSeconds = true;
  warnings: readonly string[] = [];
  /** Rises when the store was put back, or is bound to something else: every connection then asks again before its next step. */
  generation = 0;
  /** No step is taken: the store was put back. */
  closed = false;
  readonly #options: HistoryOptions | undefined;
  readonly #marks: Marks | null;
  readonly #own: Age;
  readonly #primaries: PrimaryAges;
  #spread: Spread | null = null;
  /** What the connections were let in for: the store as its key had it last. */
  #store = "";
  /** The store's records are bound to the server's run, as far as is known. */
  #isBound = true;

  /** @throws StoreRefused */
  constructor(options: HistoryOptions | undefined, confirms: boolean) {
    this.#options = options;
    this.#marks = options === undefined ? null : new Marks(options);
    this.#own = new Age({ scripts: OWN_AGE, keys: KEYS, store: "" }, this.#marks, confirms);
    this.#primaries = new PrimaryAges(options, confirms);
  }

  /** Where the ages are kept; when left out, on whichever server a connection leads to. */
  askThrough(spread: Spread): void {
    this.#spread = spread;
  }

  /** At the start; false: there is no store yet, which the first look makes. @throws StoreRefused when the store was put back. */
  async begin(asker: Asker, isBound: boolean): Promise<boolean> {
    if (isBound || this.#marks === null) return true;
    for (let tries = 0; tries < TRIES; tries++) {
      const known = this.#marks.read();
      const own = await this.#own.see(asker);
      const { storeId } = own;
      if (storeId === "") return false;
      this.#primaries.know(storeId, own.primaries, known.keys());
      const ages = [...this.#primaries.all, this.#own];
      const seen = [...(await Promise.all(this.#primaries.all.map((age) => age.see(asker)))), own];
      const found = seen.map(({ storeId: id, age, rolledBack }) => ({
        age,
        rolledBack,
        mark: known.get(id),
      }));
      const admission = admit(
        { storeId, ages: found, atHome: null },
        this.mayLoseSeconds,
        this.#options?.restored,
      );
      if (admission.way === "refuse") {
        const { remembered } = admission;
        for (const [n, age] of ages.entries())
          if (remembered !== null) await age.flag(asker, seen[n]?.age ?? 0, remembered[n] ?? 0);
        throw new StoreRefused(admission.faults);
      }
      if (admission.way === "go") {
        const mark = known.get(storeId);
        const unwritten = ages.flatMap((age, n) =>
          writeMarkAtStart(age.marks, age.adopt(seen[n] as Seen), mark),
        );
        // A store in which nothing was ever done holds nothing of before.
        this.warnings = [...new Set(own.age === 0 ? unwritten : [...admission.warnings, ...unwritten])];
        return true;
      }
      const epoch = admission.way === "discard" ? `+${randomBytes(6).toString("hex")}` : "";
      // The store's own age goes on last: until then every process finds the store put back.
      for (const [n, age] of ages.entries()) {
        const to = admission.ages[n] ?? 0;
        const after = await age.goOn(asker, seen[n] as Seen, to, age === this.#own ? epoch : "");
        if (after.age !== to || after.rolledBack !== null) break;
        age.marks?.write(age.adopt(after));
        if (age === this.#own) return true;
      }
    }
    throw new StoreUnavailable("busy");
  }

  /**
   * Before the first step on a connection: what its steps are bound to.
   * @throws StoreUnavailable `rolled_back` when a server is younger than is remembered.
   */
  async join(asker: Asker, run: ServerRun): Promise<string> {
    if (isRun(run.binding)) return run.binding;
    const own = this.#own.verify(this.#spread ?? asker, this.mayLoseSeconds);
    return (await this.#judge(own, asker, true)).binding;
  }

  /** What a look has seen. Returns the store's age: the sum of all of them. @throws StoreUnavailable `rolled_back` */
  async look(asker: Asker, seen: Seen): Promise<number> {
    const through = this.#spread ?? asker;
    const isWhole = this.#own.isWhole(seen);
    if (isWhole) this.#own.adopt(seen);
    const own = isWhole ? Promise.resolve(seen) : this.#own.verify(through, this.mayLoseSeconds);
    const { age } = await this.#judge(own, through, false);
    return this.#primaries.all.reduce((sum, { mark }) => sum + (mark?.age ?? 0), age);
  }

  /** The names of the ages that a change in a slot raises; null: a change on every primary. */
  agesOf(slot: number | null): readonly string[] {
    const map = this.#spread?.slots;
    if (map === undefined || this.#isBound) return [OWN];
    const primaries = slot === null ? [...map.primaries.keys()] : [map.primaryOf(slot) ?? []].flat();
    return primaries.flatMap((primary) => this.#primaries.tagsOf(map, primary, OWN));
  }

  /**
   * Raises one of these ages because of a change at `since`, confirmed as the change was; in how many milliseconds to try again, 0: no more.
   * @throws StoreUnavailable
   */
  async beat(deployment: Beating, name: string, since: number, everyMs: number): Promise<number> {
    if (this.#own.mark === null) return 0;
    const { confirmed } = deployment;
    if (name !== OWN && !this.#primaries.isListed(name)) {
      // Before there is such an age: otherwise other processes would give this primary another one.
      const seen = seenIn(await confirmed.execute(LIST_PRIMARY, KEYS, [this.#own.store, name]));
      this.#primaries.know(seen.storeId, seen.primaries);
    }
    const age = name === OWN ? this.#own : this.#primaries.of(name);
    const through = this.#spread ?? deployment;
    const isKnown = age.mark !== null || (await this.#primaries.isWhole(age, through, this.mayLoseSeconds));
    const wait = isKnown ? await age.beat(confirmed, since, everyMs) : null;
    if (wait !== null) return wait;
    await this.#judge(this.#own.verify(through, this.mayLoseSeconds), through, false);
    return 0;
  }

  async close(): Promise<void> {
    await Promise.all([this.#marks?.close(), this.#primaries.close()]);
  }

  /** The verdict of all ages. @throws StoreUnavailable */
  async #judge(own: Promise<Seen>, asker: Asker, strictly: boolean): Promise<Seen> {
    const found = await own.then(
      (seen) => ({ seen }),
      (error: unknown) => ({ error }),
    );
    if ("seen" in found) this.#bind(found.seen);
    else if (isRolledBack(found.error)) this.#halt();
    // Also then: each primary is told what is remembered of it.
    if (!this.#isBound && (await this.#primaries.haveFallen(asker, this.mayLoseSeconds, strictly))) {
      this.#halt();
      if ("seen" in found) await this.#flagOwn(this.#spread ?? asker);
      throw new StoreUnavailable("rolled_back");
    }
    if (!("seen" in found)) throw found.error;
    this.closed = false;
    return found.seen;
  }

  #bind(seen: Seen): void {
    const { storeId, binding, primaries } = seen;
    if (storeId === "") return;
    this.#isBound = isRun(binding);
    this.#primaries.know(storeId, primaries);
    if (this.#store !== this.#own.store) this.generation += 1;
    this.#store = this.#own.store;
  }

  #halt(): void {
    if (!this.closed) this.generation += 1;
    this.closed = true;
  }

  /** Another primary was put back: every process is to halt, also one that does not look there. */
  async #flagOwn(asker: Asker): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const { age, rolledBack } = await this.#own.see(asker);
      if (rolledBack !== null) return;
      await this.#own.flag(asker, age, this.#own.mark?.age ?? age);
    }
  }
}

function isRolledBack(error: unknown): boolean {
  return error instanceof StoreUnavailable && error.reason === "rolled_back";
}
