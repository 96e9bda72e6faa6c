import { hash } from "node:crypto";
import type { Restored } from "../options.ts";
import { judge, type Mark } from "./mark.ts";

/** A store as a process finds it at its start. */
export interface Found {
  readonly storeId: string;
  readonly age: number;
  /** What a process remembered that found the store put back; null: none has. */
  readonly rolledBack: number | null;
  /** Whether the store lies in the file that it was made in; null where a store has no file. */
  readonly atHome: boolean | null;
}

export type Admission =
  | { readonly way: "go"; readonly warnings: readonly string[] }
  /** The store goes on at this age, above all that is remembered. `discard`: without its records. */
  | { readonly way: "forgive" | "accept" | "discard"; readonly age: number }
  /** `remembered`: to be written into the store, so that every process halts; null: nothing is. */
  | { readonly way: "refuse"; readonly remembered: number | null; readonly faults: readonly string[] };

const NO_MARK =
  "Nothing remembers this store's age (MAYFLY_MARK_DIR): had it been put back from a copy, nobody would notice. Its age is remembered from now on.";

/** Says how a start goes on. `mark`: what this machine remembers of the store; it was read before the store was looked at. */
export function admit(
  found: Found,
  mark: Mark | undefined,
  forgiving: boolean,
  restored: Restored | undefined,
): Admission {
  const { storeId, age, rolledBack, atHome } = found;
  const remembered = Math.max(mark?.age ?? 0, rolledBack ?? 0);
  const verdict = rolledBack !== null ? "rolled_back" : mark && judge(mark, age, forgiving);
  if (verdict === "whole") return { way: "go", warnings: [] };
  if (verdict === "seconds_lost") return { way: "forgive", age: remembered + 1 };
  if (verdict === undefined && atHome !== false) return { way: "go", warnings: [NO_MARK] };
  const code = hash("sha256", `${storeId} ${age} ${remembered}`).slice(0, 12);
  if (restored?.code === code) return { way: restored.way, age: Math.max(remembered, age) + 1 };
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
