import type { Gone, NotFound } from "@mayfly/store";
import { ProblemError } from "../../http/problem.ts";

/** Passes an answer on, unless it says that there is nothing (404) or that it has ended (410, with how and when). */
export function orEnded<A extends { readonly outcome: string }>(
  answer: A | NotFound | Gone,
): Exclude<A, NotFound | Gone> {
  if (answer.outcome === "not_found") throw new ProblemError("not_found");
  if (answer.outcome === "gone") {
    const { state, endedAt } = answer as Gone;
    throw new ProblemError("gone", { state, endedAt: new Date(endedAt).toISOString() });
  }
  return answer as Exclude<A, NotFound | Gone>;
}
