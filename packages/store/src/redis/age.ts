import { StoreUnavailable } from "../errors.ts";
import { isSettled, judge, type Mark } from "../history/mark.ts";
import type { Marks } from "../history/marks.ts";
import { type AgeScripts, type Seen, seenIn, storeText } from "./age-scripts.ts";
import { type Answer, count } from "./answer.ts";
import type { Steps } from "./connection.ts";
import type { Script } from "./record.ts";
import type { Argument } from "./script-command.ts";
import { isRun } from "./server-run.ts";

/** Runs a script without asking first whether the store is the one that is remembered. */
export interface Asker {
  ask(script: Script, keys: readonly string[], args: readonly Argument[]): Promise<Answer>;
}

/** Two processes that see a store in the middle of a change look again. */
export const TRIES = 8;

/** Where an age is kept. */
export interface AgePlace {
  readonly scripts: AgeScripts;
  readonly keys: readonly string[];
  /** Whose age it is, as far as that is known before it was seen. */
  readonly store: string;
}

/** One age, and what this process remembers of it, in memory and in a file. */
export class Age {
  readonly #place: AgePlace;
  readonly #marks: Marks | null;
  /** Replicas are waited for: an age that they have not confirmed is not remembered, for an elected one need not have it. */
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

  /** As the store's key has it: its id, and what its records are bound to; "" before it was seen. */
  get store(): string {
    return this.#store;
  }

  get marks(): Marks | null {
    return this.#marks;
  }

  isWhole({ storeId, age, rolledBack }: Seen): boolean {
    if (storeId === "") return true;
    const mark = this.#mark;
    return rolledBack === null && mark?.storeId === storeId && judge(mark, age, false) === "whole";
  }

  /** Remembers what was seen, and has been judged. */
  adopt(seen: Seen, confirmed = !this.#confirms): Mark {
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

  see(asker: Asker): Promise<Seen> {
    return this.#ask(asker, this.#place.scripts.see, [this.#store]);
  }

  /** Writes what is remembered beside the age that was judged, so that every process halts. */
  flag(asker: Asker, age: number, remembered: number): Promise<Seen> {
    return this.#ask(asker, this.#place.scripts.flag, [this.#store, age, remembered]);
  }

  /** Goes on at this age, unless another process has changed what was seen. */
  goOn(asker: Asker, seen: Seen, age: number, epoch: string): Promise<Seen> {
    const judged = [storeText(seen), seen.age, seen.rolledBack ?? -1];
    return this.#ask(asker, this.#place.scripts.goOn, [...judged, age, epoch]);
  }

  /**
   * Looks, and adopts what is whole. Goes on where nothing but seconds are lost that may be lost by design.
   * @throws StoreUnavailable `rolled_back`, and has written that beside the age.
   */
  async verify(asker: Asker, mayLoseSeconds: boolean): Promise<Seen> {
    for (let tries = 0; tries < TRIES; tries++) {
      const seen = await this.see(asker);
      if (this.isWhole(seen)) {
        this.adopt(seen);
        return seen;
      }
      const { storeId, age, rolledBack } = seen;
      if (this.#mark?.storeId !== storeId) {
        // Another store than a moment ago: perhaps one of before, that is remembered too. What is remembered is read before it is judged.
        this.#mark = this.#marks?.read().get(storeId) ?? { storeId, age: 0, beats: [], answeredAt: 0 };
        continue;
      }
      const mark = this.#mark;
      if (rolledBack === null && judge(mark, age, mayLoseSeconds) === "seconds_lost") {
        await this.goOn(asker, seen, mark.age + 1, "");
        continue;
      }
      const known = rolledBack !== null && rolledBack >= mark.age;
      const after = known ? seen : await this.flag(asker, age, mark.age);
      if (after.rolledBack === null) continue;
      throw new StoreUnavailable("rolled_back");
    }
    throw new StoreUnavailable("busy");
  }

  /**
   * Raises the age because of a change at `since`, confirmed as the change was. null: it is not what is remembered. Else in how many
   * milliseconds to try again, 0: no more.
   */
  async beat(steps: Steps, since: number, everyMs: number): Promise<number | null> {
    const { scripts, keys } = this.#place;
    const args = [this.#store, this.#mark?.age ?? 0, since, everyMs];
    const answer = await steps.execute(scripts.beat, keys, args);
    const seen = seenIn(answer);
    if (!this.isWhole(seen)) return null;
    this.adopt(seen, true);
    return count(answer, 6);
  }

  async #ask(asker: Asker, script: Script, args: readonly Argument[]): Promise<Seen> {
    return seenIn(await asker.ask(script, this.#place.keys, args));
  }
}
