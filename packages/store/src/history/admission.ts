import { hash } from "node:crypto";
import type { Restored } from "../options.ts";
import { judge, type Mark, type Verdict } from "./mark.ts";

/** An age as a process finds it at its start. */
export interface FoundAge {
  readonly age: number;
  /** What a process remembered that found the store put back; null: none has. */
  readonly rolledBack: number | null;
  /** What this machine remembers of it; it was read before the store was looked at. */
  readonly mark: Mark | undefined;
}

/** A store as a process finds it at its start. */
export interface Found {
  readonly storeId: string;
  /** The store's own last; in a cluster the other primaries have ages of their own. */
  readonly ages: readonly FoundAge[];
  /** Whether the store lies in the file that it was made in; null where a store has no file. */
  readonly atHome: boolean | null;
}

export type Admission =
  | { readonly way: "go"; readonly warnings: readonly string[] }
  /** The store goes on at these ages, above all that is remembered. `discard`: without its records. */
  | { readonly way: "forgive" | "accept" | "discard"; readonly ages: readonly number[] }
  /** `remembered`: to be written into the store beside each age, so that every process halts; null: nothing is. */
  | {
      readonly way: "refuse";
      readonly remembered: readonly number[] | null;
      readonly faults: readonly string[];
    };

const NO_MARK =
  "Nothing remembers this store's age (MAYFLY_MARK_DIR): had it been put back from a copy, nobody would notice. Its age is remembered from now on.";

/** Says how a start goes on. */
export function admit(found: Found, forgiving: boolean, restored: Restored | undefined): Admission {
  const { storeId, ages, atHome } = found;
  const remembered = ages.map(({ mark, rolledBack }) => Math.max(mark?.age ?? 0, rolledBack ?? 0));
  const verdict = verdictOf(ages, forgiving);
  const after = ages.map(({ age }, n) => Math.max(remembered[n] ?? 0, age) + 1);
  if (verdict === "whole") return { way: "go", warnings: [] };
  if (verdict === "seconds_lost") return { way: "forgive", ages: after };
  if (verdict === undefined && atHome !== false) return { way: "go", warnings: [NO_MARK] };
  const told = ages.map(({ age }, n) => `${age} ${remembered[n]}`);
  const code = hash("sha256", [storeId, ...told].join(" ")).slice(0, 12);
  if (restored?.code === code) return { way: restored.way, ages: after };
  const why =
    verdict === "rolled_back"
      ? "The store is younger than what is remembered of it: it was put back from a copy, in which secrets are unread that have been read since."
      : "Nothing remembers this store's age, and its file is not the one that it was made in: it may be a copy, in which secrets are unread that have been read since.";
  return {
    way: "refuse",
    remembered: verdict === "rolled_back" ? remembered : null,
    faults: [
      why,
      `To go on without all that was stored before, set MAYFLY_RESTORED=discard:${code}`,
      `To keep it, because the store was moved on purpose and nothing was read since, set MAYFLY_RESTORED=accept:${code}`,
    ],
  };
}

/** The worst one counts; undefined: nothing remembers the store's own age, and the others are as good as that. */
function verdictOf(ages: Found["ages"], forgiving: boolean): Verdict | undefined {
  const verdicts = ages.map(({ age, rolledBack, mark }) =>
    rolledBack !== null ? "rolled_back" : mark && judge(mark, age, forgiving),
  );
  const worst = (["rolled_back", "seconds_lost"] as const).find((verdict) => verdicts.includes(verdict));
  return worst ?? verdicts.at(-1);
}
