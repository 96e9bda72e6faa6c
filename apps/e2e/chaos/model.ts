/**
 * The checker: takes a history and a guarantee, and answers every broken rule with the calls that prove it. Pure. It reasons with
 * intervals: what was not answered may have happened at any time from its beginning on, or never, so nothing is claimed that
 * could be chance; a wrong service can be lucky, a right one is never accused.
 */
import type { Guarantee, History } from "./history.ts";
import { ends, expiry } from "./rules/ends.ts";
import { passphrase } from "./rules/passphrase.ts";
import { bytes, readers } from "./rules/readers.ts";
import { answers, strangers } from "./rules/strangers.ts";
import { survival } from "./rules/survival.ts";
import { secretViews, type Violation } from "./rules/view.ts";

export { type RuleName, ruleNames, type Violation } from "./rules/view.ts";

export function check(history: History, guarantee: Guarantee): Violation[] {
  const found = secretViews(history, guarantee).flatMap((view) => [
    ...readers(view),
    ...bytes(view),
    ...ends(view),
    ...expiry(view),
    ...survival(view, history),
    ...passphrase(view),
    ...strangers(view),
  ]);
  const remains = history.remainders.map(
    ({ what, where, secret }): Violation => ({
      rule: "remains",
      secret,
      sentence: `${what}: ${where}`,
      proof: [],
    }),
  );
  return [...found, ...answers(history.calls), ...remains];
}
