import { hash } from "node:crypto";
import type { Restored } from "../options.ts";
import { judge, type Mark, type Verdict } from "./mark.ts";

/** An age as a starting process finds it. */
interface FoundAge {
  readonly age: number;
  /** The age remembered by a process that found the store put back; null: no process has. */
  readonly rolledBack: number | null;
  /** This machine's mark of the age, read before the store was. */
  readonly mark: Mark | undefined;
}

/** A store as a starting process finds it. */
export interface Found {
  readonly storeId: string;
  /** The store's own age is last. In a cluster the other primaries have ages of their own. */
  readonly ages: readonly FoundAge[];
  /** True if the store lies in the file that it was created in. null: the store has no file. */
  readonly atHome: boolean | null;
}

type Admission =
  | { readonly way: "go"; readonly warnings: readonly string[] }
  /**
   * The store continues at these ages, which are above every remembered age. `discard`: without its records.
   */
  | { readonly way: "forgive" | "accept" | "discard"; readonly ages: readonly number[] }
  /** `remembered`: write these beside the ages, so that every process halts. null: write nothing. */
  | {
      readonly way: "refuse";
      readonly remembered: readonly number[] | null;
      readonly faults: readonly string[];
    };

const NO_MARK =
  "Nothing remembers this store's age (MAYFLY_MARK_DIR): a restore from a copy would go unnoticed. Its age is remembered from now on.";

/** Decides how a start continues. `mayLoseSeconds`: the store may lose its last seconds by design. */
export function admit(found: Found, mayLoseSeconds: boolean, restored: Restored | undefined): Admission {
  const { storeId, ages, atHome } = found;
  const remembered = ages.map(({ mark, rolledBack }) => Math.max(mark?.age ?? 0, rolledBack ?? 0));
  const verdict = verdictOf(ages, mayLoseSeconds);
  const after = ages.map(({ age }, n) => Math.max(remembered[n] ?? 0, age) + 1);
  if (verdict === "whole") return { way: "go", warnings: [] };
  if (verdict === "seconds_lost") return { way: "forgive", ages: after };
  if (verdict === undefined && atHome !== false) return { way: "go", warnings: [NO_MARK] };
  const told = ages.map(({ age }, n) => `${age} ${remembered[n]}`);
  const code = hash("sha256", [storeId, ...told].join(" ")).slice(0, 12);
  if (restored?.code === code) return { way: restored.way, ages: after };
  const why =
    verdict === "rolled_back"
      ? "The store is younger than its mark: it was put back from a copy. Secrets that were read since then are unread in the copy."
      : "Nothing remembers this store's age, and its file is not the one that it was made in. It may be a copy, in which secrets that were read since then are unread.";
  return {
    way: "refuse",
    remembered: verdict === "rolled_back" ? remembered : null,
    faults: [
      why,
      `To continue without anything that was stored before, set MAYFLY_RESTORED=discard:${code}`,
      `To keep everything, because the store was moved on purpose and nothing was read since, set MAYFLY_RESTORED=accept:${code}`,
    ],
  };
}

/**
 * The worst verdict of all ages. undefined: no mark of the store's own age, and no other age is worse than
 * whole.
 */
function verdictOf(ages: Found["ages"], mayLoseSeconds: boolean): Verdict | undefined {
  const verdicts = ages.map(({ age, rolledBack, mark }) =>
    rolledBack !== null ? "rolled_back" : mark && judge(mark, age, mayLoseSeconds),
  );
  const worst = (["rolled_back", "seconds_lost"] as const).find((verdict) => verdicts.includes(verdict));
  return worst ?? verdicts.at(-1);
}
