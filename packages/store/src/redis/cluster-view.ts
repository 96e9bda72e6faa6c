import type { RuleFault } from "../contract/maintenance.ts";
import { StoreUnavailable } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { agreed, ownershipIn } from "./ownership.ts";
import { type Declared, type ServerView, viewServer } from "./rules.ts";
import { SLOTS } from "./slot-map.ts";

/**
 * Asks every primary of a cluster for its version and settings. Faults number the primaries by the order of
 * their slots. `covered`: how many slots have a primary.
 * @throws StoreUnavailable if one does not answer.
 */
export async function viewPrimaries(
  primaries: readonly Connection[],
  covered: number,
  declared: Declared,
): Promise<ServerView> {
  const views = await Promise.all(primaries.map((primary) => viewServer(primary, declared, true)));
  const faults: RuleFault[] = views.flatMap((view, n) =>
    view.faults.map((fault) => `Primary ${n + 1} of ${views.length}: ${fault}`),
  );
  if (covered < SLOTS) faults.push(`The cluster serves ${covered} of its ${SLOTS} slots.`);
  const appendOnly = views[0]?.appendOnly ?? null;
  if (views.some((view) => view.appendOnly !== appendOnly))
    faults.push(
      "Some primaries keep an append-only file and some do not: a secret would end when its slot moves.",
    );
  // A node that is promoted again without a restart keeps its run id, so its stale data would be accepted.
  if (views.some((view) => view.appendOnly === false && view.replicas > 0))
    faults.push(
      "Replicas are connected to a cluster without append-only files: a node that is promoted a second time could give out once more what was read. Keep append-only files on every node, or no replicas.",
    );
  const facts = new Set(views.flatMap((view) => view.facts));
  facts.add("While a slot moves to another node its secrets answer 503, and no sweep is complete.");
  if (appendOnly === false)
    facts.add("Without append-only files a slot that moves to another node ends its secrets.");
  const files = views.every((view) => view.files === views[0]?.files)
    ? (views[0]?.files ?? "unknown")
    : "unknown";
  const mayLoseSeconds = views.some((view) => view.mayLoseSeconds);
  return { faults, facts: [...facts], appendOnly, files, mayLoseSeconds };
}

/**
 * The owners of all slots, if all primaries agree.
 * @throws StoreUnavailable `busy` while they do not agree, or while slots move.
 */
export async function ownersOf(primaries: readonly Connection[]): Promise<string> {
  const views = await Promise.all(
    primaries.map(async (primary) => ownershipIn(String(await primary.command("CLUSTER", "NODES")))),
  );
  const owners = agreed(views);
  if (owners === null) throw new StoreUnavailable("busy");
  return owners;
}
