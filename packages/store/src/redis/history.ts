import { randomBytes } from "node:crypto";
import { StoreRefused, StoreUnavailable } from "../errors.ts";
import { admit } from "../history/admission.ts";
import { Marks, writeMarkAtStart } from "../history/marks.ts";
import type { HistoryOptions } from "../options.ts";
import { Age, TRIES } from "./age.ts";
import { LIST_PRIMARY, type ObservedAge, OWN_AGE, observedAgeIn } from "./age-scripts.ts";
import { AGE_KEY, STORE_KEY } from "./keys.ts";
import { PrimaryAges } from "./primary-ages.ts";
import { isRun, type ServerRun } from "./server-run.ts";
import type { SlotMap } from "./slot-map.ts";
import type { Steps, UngatedSteps } from "./steps.ts";

/** What a beat needs. */
export interface BeatTarget extends UngatedSteps {
  readonly confirmed: Steps;
}

/** A cluster: sends each script to the primary that owns its keys. */
interface AgeRouter extends UngatedSteps {
  readonly slots: SlotMap;
}

const KEYS = [STORE_KEY, AGE_KEY];

/** The name of the store's own age; the other primaries' ages are named by their tags. */
const OWN = "own";

/**
 * What this process remembers of the store's age, and in a cluster of each primary's age. A younger server
 * was put back from a copy. Then every process refuses every step until a start is told how to go on
 * (HISTORY.md). Without an append-only file nothing is remembered outside the process: records are bound to
 * the server's run.
 */
export class History {
  /** True if the server may lose its last seconds by design. */
  mayLoseSeconds = true;
  warnings: readonly string[] = [];
  /**
   * Rises when the store is put back or gets another binding. Every connection then joins again before its
   * next step.
   */
  generation = 0;
  /** True if the store was put back: no step may run. */
  closed = false;
  readonly #options: HistoryOptions | undefined;
  readonly #marks: Marks | null;
  readonly #own: Age;
  readonly #primaries: PrimaryAges;
  #router: AgeRouter | null = null;
  /** The store for which the connections joined: the last value of the store's key. */
  #store = "";
  /** True if the store's records are bound to the server's run, as far as is known. */
  #isBound = true;

  /** @throws StoreRefused */
  constructor(options: HistoryOptions | undefined, confirms: boolean) {
    this.#options = options;
    this.#marks = options === undefined ? null : new Marks(options);
    this.#own = new Age({ scripts: OWN_AGE, keys: KEYS, store: "" }, this.#marks, confirms);
    this.#primaries = new PrimaryAges(options, confirms);
  }

  /** Sets where the ages are read. Default: the server of each connection. */
  askThrough(router: AgeRouter): void {
    this.#router = router;
  }

  /**
   * Judges the ages at the start. false: no store exists yet; the first view of the heartbeat makes it.
   * @throws StoreRefused if the store was put back.
   */
  async begin(ungated: UngatedSteps, isBound: boolean): Promise<boolean> {
    if (isBound || this.#marks === null) return true;
    for (let tries = 0; tries < TRIES; tries++) {
      const known = this.#marks.read();
      const own = await this.#own.see(ungated);
      const { storeId } = own;
      if (storeId === "") return false;
      this.#primaries.know(storeId, own.primaries, known.keys());
      const ages = [...this.#primaries.all, this.#own];
      const seen = [...(await Promise.all(this.#primaries.all.map((age) => age.see(ungated)))), own];
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
          if (remembered !== null) await age.flag(ungated, seen[n]?.age ?? 0, remembered[n] ?? 0);
        throw new StoreRefused(admission.faults);
      }
      if (admission.way === "go") {
        const mark = known.get(storeId);
        const unwritten = ages.flatMap((age, n) =>
          writeMarkAtStart(age.marks, age.adopt(seen[n] as ObservedAge), mark),
        );
        // A store that was never changed cannot be a copy that hides reads.
        this.warnings = [...new Set(own.age === 0 ? unwritten : [...admission.warnings, ...unwritten])];
        return true;
      }
      const epoch = admission.way === "discard" ? `+${randomBytes(6).toString("hex")}` : "";
      // The store's own age is raised last: until then every process finds the store put back.
      for (const [n, age] of ages.entries()) {
        const to = admission.ages[n] ?? 0;
        const after = await age.goOn(ungated, seen[n] as ObservedAge, to, age === this.#own ? epoch : "");
        if (after.age !== to || after.rolledBack !== null) break;
        age.marks?.write(age.adopt(after));
        if (age === this.#own) return true;
      }
    }
    throw new StoreUnavailable("busy");
  }

  /**
   * Called before the first step on a connection. Returns the binding of its steps.
   * @throws StoreUnavailable `rolled_back` if a server is younger than its mark.
   */
  async join(ungated: UngatedSteps, run: ServerRun): Promise<string> {
    if (isRun(run.binding)) return run.binding;
    const own = this.#own.verify(this.#router ?? ungated, this.mayLoseSeconds);
    return (await this.#judge(own, ungated, true)).binding;
  }

  /**
   * Judges the age that a view of the heartbeat has read. Returns the store's age: the sum of all ages.
   * @throws StoreUnavailable `rolled_back`
   */
  async check(ungated: UngatedSteps, seen: ObservedAge): Promise<number> {
    const through = this.#router ?? ungated;
    const isWhole = this.#own.isWhole(seen);
    if (isWhole) this.#own.adopt(seen);
    const own = isWhole ? Promise.resolve(seen) : this.#own.verify(through, this.mayLoseSeconds);
    const { age } = await this.#judge(own, through, false);
    return this.#primaries.all.reduce((sum, { mark }) => sum + (mark?.age ?? 0), age);
  }

  /** The names of the ages that a change in a slot raises. null: a change on every primary. */
  agesOf(slot: number | null): readonly string[] {
    const map = this.#router?.slots;
    if (map === undefined || this.#isBound) return [OWN];
    const primaries = slot === null ? [...map.primaries.keys()] : [map.primaryOf(slot) ?? []].flat();
    return primaries.flatMap((primary) => this.#primaries.tagsOf(map, primary, OWN));
  }

  /**
   * Raises one of these ages because of a change at `since`, confirmed like the change. Returns the
   * milliseconds until the next try, 0 if none is needed.
   * @throws StoreUnavailable
   */
  async beat(deployment: BeatTarget, name: string, since: number, everyMs: number): Promise<number> {
    if (this.#own.mark === null) return 0;
    const { confirmed } = deployment;
    if (name !== OWN && !this.#primaries.isListed(name)) {
      // List the age before it exists: otherwise another process would give this primary a second one.
      const seen = observedAgeIn(await confirmed.execute(LIST_PRIMARY, KEYS, [this.#own.store, name]));
      this.#primaries.know(seen.storeId, seen.primaries);
    }
    const age = name === OWN ? this.#own : this.#primaries.of(name);
    const through = this.#router ?? deployment;
    const isKnown = age.mark !== null || (await this.#primaries.isWhole(age, through, this.mayLoseSeconds));
    const wait = isKnown ? await age.beat(confirmed, since, everyMs) : null;
    if (wait !== null) return wait;
    await this.#judge(this.#own.verify(through, this.mayLoseSeconds), through, false);
    return 0;
  }

  async close(): Promise<void> {
    await Promise.all([this.#marks?.close(), this.#primaries.close()]);
  }

  /**
   * Judges all ages.
   * @throws StoreUnavailable
   */
  async #judge(own: Promise<ObservedAge>, ungated: UngatedSteps, strictly: boolean): Promise<ObservedAge> {
    const found = await own.then(
      (seen) => ({ seen }),
      (error: unknown) => ({ error }),
    );
    if ("seen" in found) this.#bind(found.seen);
    else if (isRolledBack(found.error)) this.#halt();
    // Also after an error: each primary must be told what is remembered of it.
    if (!this.#isBound && (await this.#primaries.haveFallen(ungated, this.mayLoseSeconds, strictly))) {
      this.#halt();
      if ("seen" in found) await this.#flagOwn(this.#router ?? ungated);
      throw new StoreUnavailable("rolled_back");
    }
    if (!("seen" in found)) throw found.error;
    this.closed = false;
    return found.seen;
  }

  #bind(seen: ObservedAge): void {
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

  /** Another primary was put back. The flag halts every process, also one that does not read that primary. */
  async #flagOwn(ungated: UngatedSteps): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      const { age, rolledBack } = await this.#own.see(ungated);
      if (rolledBack !== null) return;
      await this.#own.flag(ungated, age, this.#own.mark?.age ?? age);
    }
  }
}

function isRolledBack(error: unknown): boolean {
  return error instanceof StoreUnavailable && error.reason === "rolled_back";
}
