import { StoreUnavailable } from "../errors.ts";
import { isSettled, judge, type Mark } from "../history/mark.ts";
import type { Marks } from "../history/marks.ts";
import { type AgeScripts, type ObservedAge, observedAgeIn, storeText } from "./age-scripts.ts";
import { count } from "./answer.ts";
import type { Script } from "./record.ts";
import type { Argument } from "./script-command.ts";
import { isRun } from "./server-run.ts";
import type { Steps, UngatedSteps } from "./steps.ts";

/** Two processes that see a store in the middle of a change try again. */
export const TRIES = 8;

/** Where an age is stored. */
interface AgePlace {
  readonly scripts: AgeScripts;
  readonly keys: readonly string[];
  /** The store of the age, if it is known before the first read; else "". */
  readonly store: string;
}

/** One age, and what this process remembers of it, in memory and in its mark. */
export class Age {
  readonly #place: AgePlace;
  readonly #marks: Marks | null;
  /**
   * True if replicas are awaited: an unconfirmed age is not remembered, because an elected replica need not
   * have it.
   */
  readonly #confirms: boolean;
  #store: string;
  #mark: Mark | null = null;
  #isSettled = false;
  readonly #current = () => this.#mark as Mark;

  constructor(place: AgePlace, marks: Marks | null, confirms: boolean) {
    this.#place = place;
    this.#marks = marks;
    this.#confirms = confirms;
    this.#store = place.store;
  }

  get mark(): Mark | null {
    return this.#mark;
  }

  /** The value of the store's key: the store's id and its binding; "" before the first read. */
  get store(): string {
    return this.#store;
  }

  get marks(): Marks | null {
    return this.#marks;
  }

  isWhole({ storeId, age, rolledBack }: ObservedAge): boolean {
    if (storeId === "") return true;
    const mark = this.#mark;
    return rolledBack === null && mark?.storeId === storeId && judge(mark, age, false) === "whole";
  }

  /** Remembers an age that was read and judged. */
  adopt(seen: ObservedAge, confirmed = !this.#confirms): Mark {
    const { storeId, now } = seen;
    const before = this.#mark;
    const { age, beats } = confirmed || before?.storeId !== storeId ? seen : before;
    const mark = { storeId, age, beats, answeredAt: now };
    if (storeId === "") return mark;
    this.#mark = mark;
    this.#store = storeText(seen);
    const settled = isSettled(mark);
    const differs = before?.storeId !== storeId || before.age !== age || this.#isSettled !== settled;
    this.#isSettled = settled;
    if (differs && !isRun(seen.binding)) this.#marks?.touch(this.#current);
    return mark;
  }

  see(ungated: UngatedSteps): Promise<ObservedAge> {
    return this.#ask(ungated, this.#place.scripts.see, [this.#store]);
  }

  /** Writes the remembered age beside the judged one, so that every process halts. */
  flag(ungated: UngatedSteps, age: number, remembered: number): Promise<ObservedAge> {
    return this.#ask(ungated, this.#place.scripts.flag, [this.#store, age, remembered]);
  }

  /** Continues at this age, unless another process has changed what was read. */
  goOn(ungated: UngatedSteps, seen: ObservedAge, age: number, epoch: string): Promise<ObservedAge> {
    const judged = [storeText(seen), seen.age, seen.rolledBack ?? -1];
    return this.#ask(ungated, this.#place.scripts.goOn, [...judged, age, epoch]);
  }

  /**
   * Reads the age, and adopts it if nothing is missing. Continues if only seconds are missing that may be
   * lost by design.
   * @throws StoreUnavailable `rolled_back`, after writing that beside the age.
   */
  async verify(ungated: UngatedSteps, mayLoseSeconds: boolean): Promise<ObservedAge> {
    for (let tries = 0; tries < TRIES; tries++) {
      const seen = await this.see(ungated);
      if (this.isWhole(seen)) {
        this.adopt(seen);
        return seen;
      }
      const { storeId, age, rolledBack } = seen;
      if (this.#mark?.storeId !== storeId) {
        // Another store than before, perhaps an older one that has a mark too. Read the mark before judging
        // the age.
        this.#mark = this.#marks?.read().get(storeId) ?? { storeId, age: 0, beats: [], answeredAt: 0 };
        continue;
      }
      const mark = this.#mark;
      if (rolledBack === null && judge(mark, age, mayLoseSeconds) === "seconds_lost") {
        await this.goOn(ungated, seen, mark.age + 1, "");
        continue;
      }
      const known = rolledBack !== null && rolledBack >= mark.age;
      const after = known ? seen : await this.flag(ungated, age, mark.age);
      if (after.rolledBack === null) continue;
      throw new StoreUnavailable("rolled_back");
    }
    throw new StoreUnavailable("busy");
  }

  /**
   * Raises the age because of a change at `since`, confirmed like the change. Returns the milliseconds until
   * the next try, 0 if none is needed; null if the age is not the remembered one.
   */
  async beat(steps: Steps, since: number, everyMs: number): Promise<number | null> {
    const { scripts, keys } = this.#place;
    const args = [this.#store, this.#mark?.age ?? 0, since, everyMs];
    const answer = await steps.execute(scripts.beat, keys, args);
    const seen = observedAgeIn(answer);
    if (!this.isWhole(seen)) return null;
    this.adopt(seen, true);
    return count(answer, 6);
  }

  async #ask(ungated: UngatedSteps, script: Script, args: readonly Argument[]): Promise<ObservedAge> {
    return observedAgeIn(await ungated.executeUngated(script, this.#place.keys, args));
  }
}
