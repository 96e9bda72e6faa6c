import type { RuleFault } from "../contract/maintenance.ts";

/**
 * Judges the replicas. `confirming` of them confirm each step before its answer; 0: none is awaited.
 *
 * A promoted replica with an append-only file serves what it took over, so it must have received every read.
 * Without such a file records are bound to one process (server-run.ts), and waiting would gain nothing.
 */
export function viewReplicas(
  info: ReadonlyMap<string, string>,
  appendOnly: boolean,
  confirming: number,
): { readonly faults: readonly RuleFault[]; readonly facts: readonly string[] } {
  const connected = Number(info.get("connected_slaves") ?? 0);
  const online = [...info].filter(
    ([name, value]) => /^slave\d+$/.test(name) && value.includes("state=online"),
  ).length;
  const faults: RuleFault[] = [];
  const facts: string[] = [];
  if (confirming === 0) {
    if (connected > 0 && appendOnly)
      faults.push(
        "Replicas are connected to a server with an append-only file: after a failover a secret that was read could be read once more. Set MAYFLY_REDIS_WAIT_REPLICAS to their number.",
      );
    else if (connected > 0)
      facts.push("Replicas are connected: a failover ends every secret, like a restart.");
    return { faults, facts };
  }
  if (!appendOnly)
    faults.push(
      "MAYFLY_REDIS_WAIT_REPLICAS wants an append-only file on every server: without one a failover ends every secret, whatever replicas have confirmed.",
    );
  if (online < confirming)
    faults.push(
      `MAYFLY_REDIS_WAIT_REPLICAS is ${confirming}, but ${online} replicas are in step: nothing would be given out.`,
    );
  if (connected > confirming)
    facts.push(
      `${confirming} of ${connected} replicas confirm each read: if one that did not is promoted, a secret that was read could be read once more.`,
    );
  else
    facts.push(
      "Every replica confirms each read before its bytes are given: whichever is promoted knows of it.",
    );
  return { faults, facts };
}
