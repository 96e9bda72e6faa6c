import { StoreUnavailable } from "../errors.ts";
import { Marks } from "../history/marks.ts";
import type { HistoryOptions } from "../options.ts";
import { Age } from "./age.ts";
import { PRIMARY_AGE } from "./age-scripts.ts";
import { Moved } from "./faults.ts";
import { AGE_KEY, primaryAgeKey, primaryTag, primaryTagIn } from "./keys.ts";
import { type SlotMap, slotOf } from "./slot-map.ts";
import type { UngatedSteps } from "./steps.ts";

/**
 * The ages of a cluster's primaries, except the store's own, which covers the primary that holds it. A new
 * age lies in the highest slot that its primary owns, because a resharding moves that slot last. An age moves
 * with its slot. So a primary may have several ages, and each change raises all of them. A primary without an
 * age is given one.
 */
export class PrimaryAges {
  readonly #options: HistoryOptions | undefined;
  readonly #confirms: boolean;
  readonly #ages = new Map<string, Age>();
  /** The list as last read beside the store's own age. */
  #listed: readonly string[] = [];
  #storeId = "";

  constructor(options: HistoryOptions | undefined, confirms: boolean) {
    this.#options = options;
    this.#confirms = confirms;
  }

  /** Adds the ages of a store that are listed beside its own age, or remembered. */
  know(storeId: string, listed: readonly string[], remembered: Iterable<string> = []): void {
    if (this.#storeId !== storeId) this.#ages.clear();
    this.#storeId = storeId;
    this.#listed = listed;
    for (const tag of listed) if (primaryTagIn(tag) !== null) this.of(tag);
    for (const id of remembered) {
      const tag = id.startsWith(`${storeId}_`) ? primaryTagIn(id.slice(storeId.length + 1)) : null;
      if (tag !== null) this.of(tag);
    }
  }

  get all(): readonly Age[] {
    return [...this.#ages.values()];
  }

  isListed(tag: string): boolean {
    return this.#listed.includes(tag);
  }

  of(tag: string): Age {
    let age = this.#ages.get(tag);
    if (age === undefined) {
      const place = {
        scripts: PRIMARY_AGE,
        keys: [primaryAgeKey(tag)],
        store: `${this.#storeId}_${tag}`,
      };
      const marks = this.#options === undefined ? null : new Marks(this.#options);
      age = new Age(place, marks, this.#confirms);
      this.#ages.set(tag, age);
    }
    return age;
  }

  /**
   * The tags of a primary's ages; `own` stands for the store's own age. If there is none, the tag of the age
   * to create.
   */
  tagsOf(map: SlotMap, primary: number, own: string): readonly string[] {
    const tags = [...this.#ages.keys()].filter(
      (tag) => map.primaryOf(slotOf(primaryAgeKey(tag))) === primary,
    );
    if (map.primaryOf(slotOf(AGE_KEY)) === primary) tags.push(own);
    return tags.length > 0 ? tags : [primaryTag(map.highestOf(primary))];
  }

  /**
   * True if one of the ages was put back. Every age is checked, so that each primary is flagged.
   * `strictly`: throws StoreUnavailable if an age on the server of `ungated` cannot be checked.
   */
  async haveFallen(ungated: UngatedSteps, mayLoseSeconds: boolean, strictly: boolean): Promise<boolean> {
    const verdicts = await Promise.allSettled(
      this.all.map((age) => this.isWhole(age, ungated, mayLoseSeconds)),
    );
    if (verdicts.some((verdict) => verdict.status === "fulfilled" && !verdict.value)) return true;
    const unknown = verdicts.find(
      (verdict) => verdict.status === "rejected" && !(verdict.reason instanceof Moved),
    );
    if (strictly && unknown?.status === "rejected") throw unknown.reason;
    return false;
  }

  async isWhole(age: Age, ungated: UngatedSteps, mayLoseSeconds: boolean): Promise<boolean> {
    return age.verify(ungated, mayLoseSeconds).then(
      () => true,
      (error: unknown) => {
        if (isRolledBack(error)) return false;
        throw error;
      },
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((age) => age.marks?.close()));
  }
}

function isRolledBack(error: unknown): boolean {
  return error instanceof StoreUnavailable && error.reason === "rolled_back";
}
