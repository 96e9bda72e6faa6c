import { StoreUnavailable } from "../errors.ts";
import type { RedisOptions } from "../options.ts";
import type { Address, Place } from "./address.ts";
import type { Answer } from "./answer.ts";
import { AppendOnly } from "./append-only.ts";
import { ConfirmedSteps } from "./confirmed-steps.ts";
import { type Argument, Connection, type Gate, type Steps } from "./connection.ts";
import type { Script } from "./record.ts";
import { measure } from "./rules.ts";
import { type SlotMap, slotMapIn } from "./slot-map.ts";
import type { StoreClock } from "./store-clock.ts";

/** One primary of a cluster, for as long as it owns slots: connections that are being opened, are open, or could not be. */
export class ClusterNode {
  readonly place: Place;
  /** Resolves when it is known whether the node can be reached. Throws StoreRefused when it cannot. */
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

  /** It could not be reached when it was needed first. One that is lost later finds its way back by itself. */
  get failed(): boolean {
    return this.#state === "failed";
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Throws StoreUnavailable as long as there is none. */
  get connection(): Connection {
    if (this.#connection === null) throw new StoreUnavailable("connection");
    return this.#connection;
  }

  /** Bytes in use when it was last measured. */
  get used(): number {
    return this.#used;
  }

  get appendOnlyChanged(): boolean {
    return this.#appendOnly.changed;
  }

  /** `confirmed`: answered when the declared replicas have confirmed it. */
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

  /** Which node serves which slot, as this one sees it. */
  async slots(): Promise<SlotMap> {
    return slotsOf(this.connection, this.place);
  }

  async measure(): Promise<void> {
    const { used, appendOnly } = await measure(this.connection);
    this.#used = used;
    this.#appendOnly.see(appendOnly);
  }

  /** Waits for the answers that are due. */
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

/** Asks a node for its view of the slots. Throws StoreUnavailable: `failed` when it is no cluster's, or knows of no slots. */
export async function slotsOf(connection: Connection, place: Place): Promise<SlotMap> {
  const map = slotMapIn(await connection.command("CLUSTER", "SLOTS"), place);
  if (map === null || map.covered === 0) throw new StoreUnavailable("failed");
  return map;
}
