import type { RuleFault } from "../contract/maintenance.ts";

export const CLUSTER_SETTINGS = [
  "cluster-allow-reads-when-down",
  "cluster-allow-replica-migration",
  "cluster-replica-validity-factor",
  "cluster-require-full-coverage",
];

/** Judges a node's cluster settings, as far as they are known. */
export function viewClusterSettings(
  settings: ReadonlyMap<string, string>,
  confirming: boolean,
): { readonly faults: readonly RuleFault[]; readonly facts: readonly string[] } {
  const faults: RuleFault[] = [];
  const facts: string[] = [];
  const reads = settings.get("cluster-allow-reads-when-down");
  const migration = settings.get("cluster-allow-replica-migration");
  const validity = settings.get("cluster-replica-validity-factor");
  const coverage = settings.get("cluster-require-full-coverage");
  if (reads === "yes")
    faults.push(
      "cluster-allow-reads-when-down is yes: a node that was cut off would go on telling that a secret is unread when it was read elsewhere. It must be no.",
    );
  if (reads === undefined)
    facts.push("UNVERIFIED: whether a node that was cut off answers reads (cluster-allow-reads-when-down).");
  if (migration === "yes" && confirming)
    facts.push(
      "cluster-allow-replica-migration is yes: a primary may be given one more replica than confirm each read, and if that one is promoted, a secret that was read could be read once more. no closes that.",
    );
  if (validity === "0" && confirming)
    facts.push(
      "cluster-replica-validity-factor is 0: a replica that has not heard of its primary since it was started may be elected, with what its disk held.",
    );
  if (coverage === "yes")
    facts.push(
      "cluster-require-full-coverage is yes: while any slot has no server, the whole cluster answers nothing.",
    );
  return { faults, facts };
}
