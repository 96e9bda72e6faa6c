import type { SecretOpener } from "@mayfly/client";
import { time } from "./amounts.ts";

/** What is known of the read of an opening that did not come to its end, as a sentence for people. */
export function fateOfRead({
  leaseEnds,
  unanswered,
}: Pick<SecretOpener, "leaseEnds" | "unanswered">): string {
  if (leaseEnds !== null)
    return `A read was taken, and the same command cannot repeat it: this one had it until ${time(leaseEnds)}.`;
  return unanswered
    ? "Nobody knows whether a read was taken, since no answer came. If one was, the same command cannot repeat it."
    : "No read was taken.";
}
