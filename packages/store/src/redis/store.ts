import type { Store } from "../contract.ts";
import { StoreRefused, StoreUnavailable } from "../errors.ts";
import type { RedisOptions } from "../options.ts";
import { parseAddress } from "./address.ts";
import { CONFIRMING_CONNECTIONS, ConfirmedSteps } from "./confirmed-steps.ts";
import { Connection, type Steps } from "./connection.ts";
import { deposit } from "./deposit.ts";
import { acknowledge, burn } from "./destroy.ts";
import { EndingLeases } from "./ending-leases.ts";
import { count, LimiterKey } from "./limits.ts";
import { clockFaults, failedSweeps, look, recordFailedSweep, recordSweep } from "./maintenance.ts";
import { open, part } from "./open.ts";
import { reserve } from "./reserve.ts";
import { Room } from "./room.ts";
import { changedAppendOnly, type ServerView, viewServer } from "./server.ts";
import { status } from "./status.ts";
import { overdue, sweep } from "./sweep.ts";

/**
 * Opens the store in one Redis (7.0 or later) or Valkey. Throws StoreRefused when the URL is wrong, the server cannot be
 * reached, or is not set as declared.
 */
export async function openRedisStore(options: RedisOptions): Promise<Store> {
  const connection = await Connection.open(parseAddress(options.url), options.commandTimeoutMs, options);
  try {
    const server = await viewServer(connection, options);
    if (server.faults.length > 0) throw new StoreRefused(server.faults);
    await look(connection);
    const room = await Room.measure(connection, options.capacityBytes);
    return compose(connection, await confirmedSteps(connection, options), room, options, server);
  } catch (error) {
    await connection.close();
    if (error instanceof StoreUnavailable)
      throw new StoreRefused([`Redis did not answer at the start: ${error.reason}.`]);
    throw error;
  }
}

/** The steps that give out, end or make live; null where no replica is waited for. */
async function confirmedSteps(
  { clock }: Connection,
  { url, commandTimeoutMs, replicas, ca, sentinelPassword }: RedisOptions,
): Promise<ConfirmedSteps | null> {
  if (replicas === undefined) return null;
  const opening = Array.from({ length: CONFIRMING_CONNECTIONS }, () =>
    Connection.open(parseAddress(url), commandTimeoutMs, { clock, ca, sentinelPassword }),
  );
  const opened = await Promise.allSettled(opening);
  const connections = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  const steps = new ConfirmedSteps(connections, replicas, commandTimeoutMs);
  const failed = opened.find((each) => each.status === "rejected");
  if (failed === undefined) return steps;
  await steps.close();
  throw failed.reason;
}

function compose(
  connection: Connection,
  confirmed: ConfirmedSteps | null,
  room: Room,
  options: RedisOptions,
  atStart: ServerView,
): Store {
  // The nodes that own keys: one now, each primary of a cluster later.
  const nodes = [connection];
  const steps: Steps = confirmed ?? connection;
  const leases = new EndingLeases(connection);
  const limiterKey = new LimiterKey(connection);

  /** The binding of the run that the last verification read. */
  let verified: string | undefined;

  const lookAround = async () => {
    const [view] = await Promise.all([look(connection), room.refresh()]);
    return view;
  };

  return {
    kind: "redis",
    facts: atStart.facts,
    reserve: async (reservation) => {
      const answer = await reserve(connection, reservation, await room.promise(reservation));
      if (answer.outcome === "full") room.release(reservation.id);
      return answer;
    },
    deposit: async (request) => {
      const answer = await deposit(steps, request, await room.admits(request.bytes.byteLength));
      room.deposited(request, answer);
      return answer;
    },
    open: async (opening) => {
      const answer = await open(steps, opening);
      if (answer.outcome === "opened" && answer.readsLeft === 0)
        leases.remember(opening.id, answer.leaseEnds);
      return answer;
    },
    part: async (request) => {
      const answer = await part(steps, request);
      if (answer.outcome === "part") leases.remember(request.id, answer.leaseEnds);
      return answer;
    },
    acknowledge: (request) => acknowledge(steps, request),
    burn: async (request) => {
      const answer = await burn(steps, request);
      if (answer.outcome === "burned") room.release(request.id);
      return answer;
    },
    status: (request) => status(connection, request),
    /** What is due has ended by itself: the parts bear their end. This makes Redis let go of the bytes of this process's leases. */
    endDue: async (limit) => {
      connection.requireOpen();
      await leases.endDue(limit);
      return 0;
    },
    now: async () => (await lookAround()).now,
    sweep: (sweepOptions) => sweep(nodes, sweepOptions),
    overdue: async (asOf, sweepOptions) => {
      const found = await overdue(nodes, asOf, sweepOptions);
      verified = connection.run?.binding;
      return found;
    },
    ruleFaults: async () => {
      const server = await viewServer(connection, options);
      return [...server.faults, ...changedAppendOnly(atStart, server), ...(await clockFaults(connection))];
    },
    recordSweep: (report) => recordSweep(connection, report, verified),
    recordFailedSweep: () => recordFailedSweep(connection),
    failedSweeps: () => failedSweeps(connection),
    heartbeat: lookAround,
    count: (bucket, windowMs) => count(connection, bucket, windowMs),
    limiterKey: async () => {
      connection.requireOpen();
      return limiterKey.today();
    },
    ping: () =>
      connection.command("PING").then(
        () => true,
        () => false,
      ),
    close: async () => {
      await Promise.all([confirmed?.close(), connection.close()]);
    },
  };
}
