import { StoreUnavailable } from "../errors.ts";
import type { RedisOptions } from "../options.ts";
import type { Address, Place } from "./address.ts";
import type { Answer } from "./answer.ts";
import { AppendOnly } from "./append-only.ts";
import { ConfirmedSteps } from "./confirmed-steps.ts";
import { Connection } from "./connection.ts";
import type { Gate } from "./gate.ts";
import type { Script } from "./record.ts";
import { measure } from "./rules.ts";
import type { Argument } from "./script-command.ts";
import { type SlotMap, slotMapIn } from "./slot-map.ts";
import type { Steps } from "./steps.ts";
import type { StoreClock } from "./store-clock.ts";

/** One primary of a cluster, with its connections, for as long as it owns slots. */
export class ClusterNode {
  readonly place: Place;
  /**
   * Resolves when the connections are open.
   * @throws StoreRefused if the node cannot be reached.
   */
  readonly opened: Promise<void>;
  #state: "opening" | "open" | "failed" = "opening";
  #connection: Connection | null = null;
  #confirmed: ConfirmedSteps | null = null;
  #used = 0;
  #closed = false;
  readonly #appendOnly = new AppendOnly();

  constructor(place: Place, address: Address, options: RedisOptions, clock: StoreClock, gate: Gate) {
    this.place = place;
    this.opened = this.#open({ ...address, ...place }, options, clock, gate);
    this.opened.catch(() => undefined);
  }

  /** True if the node could not be reached at first. A node that is lost later reconnects by itself. */
  get failed(): boolean {
    return this.#state === "failed";
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** @throws StoreUnavailable while there is no connection. */
  get connection(): Connection {
    if (this.#connection === null) throw new StoreUnavailable("connection");
    return this.#connection;
  }

  /** Bytes in use at the last measurement. */
  get used(): number {
    return this.#used;
  }

  get appendOnlyChanged(): boolean {
    return this.#appendOnly.changed;
  }

  /** `confirmed`: answer only after the declared replicas have confirmed the step. */
  async execute(
    confirmed: boolean,
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    deadline: number,
  ): Promise<Answer> {
    const steps: Steps = (confirmed ? this.#confirmed : null) ?? this.connection;
    return steps.execute(script, keys, args, deadline);
  }

  /** The slot map as this node sees it. */
  async slots(): Promise<SlotMap> {
    return slotsOf(this.connection, this.place);
  }

  async measure(): Promise<void> {
    const { used, appendOnly } = await measure(this.connection);
    this.#used = used;
    this.#appendOnly.see(appendOnly);
  }

  /** Waits for pending answers. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#confirmed?.close(), this.#connection?.close()]);
  }

  async #open(address: Address, options: RedisOptions, clock: StoreClock, gate: Gate): Promise<void> {
    try {
      const { commandTimeoutMs, ca } = options;
      this.#connection = await Connection.open(address, commandTimeoutMs, { clock, ca, gate });
      this.#confirmed = await ConfirmedSteps.open(address, options, clock, gate);
      this.#state = "open";
    } catch (error) {
      this.#state = "failed";
      await this.#connection?.close();
      this.#connection = null;
      throw error;
    }
    if (this.#closed) await this.close();
  }
}

/**
 * Asks a node for its slot map.
 * @throws StoreUnavailable `failed` if it is not a cluster node, or knows no slots.
 */
export async function slotsOf(connection: Connection, place: Place): Promise<SlotMap> {
  const map = slotMapIn(await connection.command("CLUSTER", "SLOTS"), place);
  if (map === null || map.covered === 0) throw new StoreUnavailable("failed");
  return map;
}
