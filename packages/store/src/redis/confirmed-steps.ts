import { StoreUnavailable } from "../errors.ts";
import type { RedisOptions, ReplicaWait } from "../options.ts";
import type { Address } from "./address.ts";
import type { Answer } from "./answer.ts";
import { Connection } from "./connection.ts";
import type { Gate } from "./gate.ts";
import type { Script } from "./record.ts";
import type { Argument } from "./script-command.ts";
import type { Steps } from "./steps.ts";
import type { StoreClock } from "./store-clock.ts";

/** WAIT blocks its connection, so this many steps may wait at once. */
const CONFIRMING_CONNECTIONS = 8;

interface Waiter {
  readonly take: (connection: Connection) => void;
  readonly refuse: (error: StoreUnavailable) => void;
}

/**
 * Steps that are answered after the replicas have confirmed them. Each step has one connection of a small
 * pool to itself. It settles within the command timeout, queueing included. `busy` means that the step was
 * never sent.
 */
export class ConfirmedSteps implements Steps {
  readonly #connections: readonly Connection[];
  readonly #replicas: ReplicaWait;
  readonly #commandTimeoutMs: number;
  readonly #idle: Connection[];
  readonly #queue = new Set<Waiter>();
  #closed = false;

  constructor(connections: readonly Connection[], replicas: ReplicaWait, commandTimeoutMs: number) {
    this.#connections = connections;
    this.#replicas = replicas;
    this.#commandTimeoutMs = commandTimeoutMs;
    this.#idle = [...connections];
  }

  /**
   * null if no replicas are awaited.
   * @throws StoreRefused if the server cannot be reached or refuses the credentials.
   */
  static async open(
    address: Address,
    { commandTimeoutMs, replicas, ca, sentinelPassword }: RedisOptions,
    clock: StoreClock,
    gate: Gate,
  ): Promise<ConfirmedSteps | null> {
    if (replicas === undefined) return null;
    const opening = Array.from({ length: CONFIRMING_CONNECTIONS }, () =>
      Connection.open(address, commandTimeoutMs, { clock, ca, sentinelPassword, gate }),
    );
    const opened = await Promise.allSettled(opening);
    const connections = opened.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const steps = new ConfirmedSteps(connections, replicas, commandTimeoutMs);
    const failed = opened.find((each) => each.status === "rejected");
    if (failed === undefined) return steps;
    await steps.close();
    throw failed.reason;
  }

  execute(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    deadline = performance.now() + this.#commandTimeoutMs,
  ): Promise<Answer> {
    if (this.#closed) return Promise.reject(new StoreUnavailable("closed"));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        refuse: (error) => {
          clearTimeout(timer);
          reject(error);
        },
        take: (connection) => {
          connection
            .execute(script, keys, args, deadline, this.#replicas)
            .then(resolve, reject)
            .finally(() => {
              clearTimeout(timer);
              this.#give(connection);
            });
        },
      };
      const timer = setTimeout(() => {
        reject(new StoreUnavailable(this.#queue.delete(waiter) ? "busy" : "timeout"));
      }, deadline - performance.now());
      const connection = this.#idle.shift();
      if (connection === undefined) this.#queue.add(waiter);
      else waiter.take(connection);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const { refuse } of this.#queue) refuse(new StoreUnavailable("closed"));
    this.#queue.clear();
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }

  #give(connection: Connection): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#idle.push(connection);
      return;
    }
    this.#queue.delete(next);
    next.take(connection);
  }
}
