import { Verification } from "../contract/maintenance.ts";
import type { Id } from "../contract/secrets.ts";
import type { Store } from "../contract/store.ts";
import { StoreRefused, StoreUnavailable } from "../errors.ts";
import type { RedisOptions } from "../options.ts";
import { overdueAnswer } from "../outcomes.ts";
import { acknowledge } from "./acknowledge.ts";
import { parseAddress } from "./address.ts";
import { Beats } from "./beats.ts";
import { burn } from "./burn.ts";
import { Capacity } from "./capacity.ts";
import { Cluster } from "./cluster.ts";
import { RecordRepair, readHalt, renewAllCutOff } from "./cut-off.ts";
import type { Deployment } from "./deployment.ts";
import { deposit } from "./deposit.ts";
import { EndingLeases } from "./ending-leases.ts";
import { Erasure } from "./erasure.ts";
import {
  clockFaults,
  countFailedSweeps,
  recordFailedSweep,
  recordSweep,
  viewHeartbeat,
} from "./heartbeat.ts";
import { History } from "./history.ts";
import { HEARTBEAT_KEY, recordKey } from "./keys.ts";
import { OneServer } from "./one-server.ts";
import { open, part } from "./open.ts";
import { take } from "./rate-limits.ts";
import { reserve } from "./reserve.ts";
import { changedAppendOnly, type ServerView } from "./rules.ts";
import { confirmedStatus, status } from "./status.ts";
import { overdue, sweep } from "./sweep.ts";

/**
 * Opens the store. The URL names one server or a cluster, of Redis 7.0 or later or of Valkey.
 * @throws StoreRefused if the URL is wrong, a server is out of reach, or its settings are not the declared ones.
 */
export async function openRedisStore(options: RedisOptions): Promise<Store> {
  const address = parseAddress(options.url);
  const kind = address.cluster === undefined ? OneServer : Cluster;
  const history = new History(options.history, options.replicas !== undefined);
  let deployment: Deployment | undefined;
  try {
    deployment = await kind.open(address, options, history);
    const atStart = await deployment.view();
    if (atStart.faults.length > 0) throw new StoreRefused(atStart.faults);
    history.mayLoseSeconds = atStart.mayLoseSeconds;
    const isBound = atStart.appendOnly === false;
    const isThere = await history.begin(deployment, isBound);
    const erasure = new Erasure(deployment, address, options);
    await Promise.all([viewHeartbeat(deployment, history), erasure.refresh()]);
    // Writes the new store's mark before another process starts.
    if (!isThere) await history.begin(deployment, isBound);
    const capacity = await Capacity.measure(deployment, options.capacityBytes);
    return compose(deployment, history, capacity, erasure, atStart, options);
  } catch (error) {
    await deployment?.close();
    if (error instanceof StoreUnavailable)
      throw new StoreRefused([`Redis did not answer at the start: ${error.reason}.`]);
    throw error;
  }
}

function compose(
  deployment: Deployment,
  history: History,
  capacity: Capacity,
  erasure: Erasure,
  atStart: ServerView,
  { replicas, commandTimeoutMs }: RedisOptions,
): Store {
  const { confirmed } = deployment;
  const leases = new EndingLeases(deployment);

  const beats = new Beats(history, deployment, deployment.clock);
  /**
   * Asks for a beat after a step that may have changed something. A step that failed gave nothing out, and is
   * sent again.
   */
  const withBeat = async <T extends object>(key: string | null, step: Promise<T>): Promise<T> => {
    const answer = await step;
    if (!("outcome" in answer) || answer.outcome !== "not_found") beats.changed(key);
    return answer;
  };
  // A slot may return to a primary of which an older copy exists. Raising every age makes that copy younger.
  deployment.watchSlots(() => beats.changed(null));

  /** Secrets that the last sweep renewed in a halt. */
  let renewed: readonly Id[] = [];

  const refreshView = async () => {
    const [view] = await Promise.all([
      viewHeartbeat(deployment, history),
      capacity.refresh(),
      erasure.refresh(),
    ]);
    return view;
  };

  return {
    get erasedWithinSeconds() {
      return erasure.withinSeconds;
    },
    facts: [...atStart.facts, ...erasure.facts],
    warnings: history.warnings,
    reserve: async (reservation) =>
      withBeat(
        recordKey(reservation.id),
        reserve(deployment, reservation, await capacity.envelopeFits(reservation)),
      ),
    deposit: (request) =>
      withBeat(
        recordKey(request.id),
        capacity.deposit(request, (admitted) =>
          deposit(confirmed, request, admitted, (until) => leases.rememberUpload(request.id, until)),
        ),
      ),
    open: async (opening) => {
      const answer = await withBeat(recordKey(opening.id), open(confirmed, opening));
      if (answer.outcome === "opened" && answer.readsLeft === 0)
        leases.remember(opening.id, answer.leaseEnds);
      return answer;
    },
    part: async (request) => {
      const answer = await withBeat(recordKey(request.id), part(confirmed, request));
      if (answer.outcome === "part") leases.remember(request.id, answer.leaseEnds);
      return answer;
    },
    acknowledge: (request) =>
      withBeat(
        recordKey(request.id),
        acknowledge(
          confirmed,
          request,
          () => leases.forget(request.id),
          (at) => leases.remember(request.id, at),
        ),
      ),
    burn: async (request) => {
      const answer = await withBeat(recordKey(request.id), burn(confirmed, request));
      if (answer.outcome !== "not_found") leases.forget(request.id);
      return answer;
    },
    status: (request) =>
      replicas === undefined
        ? status(deployment, request)
        : confirmedStatus(deployment, confirmed, request, performance.now() + commandTimeoutMs),
    /**
     * Callers see a due end already. This destroys the bytes of this process's leases and uploads; the sweep
     * does the rest.
     */
    endDue: async (limit) => {
      deployment.requireOpen();
      await leases.endDue(limit);
      return 0;
    },
    now: async () => (await refreshView()).now,
    sweep: async (options) => {
      const repair = new RecordRepair(() => readHalt(deployment, history, options.maxAgeMs));
      const { found } = await withBeat(
        null,
        deployment.everywhere((nodes) => sweep(nodes, options, repair)),
      );
      await erasure.afterSweep(options.signal);
      renewed = found.renewed;
      return found.removed;
    },
    overdue: async (startedAt, options) => {
      const { found, binding } = await deployment.everywhere((nodes) => overdue(nodes, startedAt, options));
      return overdueAnswer(found, new Verification(startedAt, binding));
    },
    ruleFaults: async () => {
      const server = await deployment.view();
      history.mayLoseSeconds = server.mayLoseSeconds;
      return [
        ...server.faults,
        ...changedAppendOnly(atStart, server),
        ...(await clockFaults(deployment, history)),
      ];
    },
    // Confirmed: otherwise a promoted replica's older heartbeat would halt a client until the next hourly
    // sweep.
    recordSweep: async (report) => {
      deployment.requireOpen();
      await renewAllCutOff(deployment, history, renewed, report.maxAgeMs);
      const heartbeat = await recordSweep(confirmed, report);
      beats.changed(HEARTBEAT_KEY);
      return heartbeat;
    },
    recordFailedSweep: () => recordFailedSweep(deployment),
    failedSweeps: () => countFailedSweeps(deployment),
    heartbeat: async () => {
      const view = await refreshView();
      // The sweep reports it in a sentence, but only at the next hour.
      if (deployment.appendOnlyChanged) throw new StoreUnavailable("failed");
      return view;
    },
    take: async (amounts) => {
      deployment.requireOpen();
      return take(deployment, amounts);
    },
    /** Writes the mark, as `viewHeartbeat` does. */
    canWrite: () =>
      viewHeartbeat(deployment, history).then(
        () => true,
        () => false,
      ),
    close: async () => {
      await beats.close();
      await deployment.close();
      await history.close();
    },
  };
}
