import type { Redis } from "ioredis";
import type { TestServer } from "./server.ts";

/** A slot on its way from one primary to another, by the commands that a resharding sends. */
export interface MovingSlot {
  /** Keys of the slot that are still at its old owner. */
  left(): Promise<string[]>;
  /** Sends these keys over, over older copies too; those that do not exist are passed by. */
  send(...keys: string[]): Promise<void>;
  /** Gives up: the slot stays where it is, and its keys are at both nodes, as when a send that arrived is not answered. */
  leaveCopies(): Promise<void>;
  /** Sends what is left over and gives the slot to its new owner. */
  finish(): Promise<void>;
}

/** Moves slots between these primaries of one cluster. */
export class SlotMover {
  readonly #clients: ReadonlyMap<TestServer, Redis>;

  constructor(primaries: readonly TestServer[]) {
    this.#clients = new Map(primaries.map((node) => [node, node.client()]));
  }

  async begin(slot: number, from: TestServer, to: TestServer): Promise<MovingSlot> {
    const [source, target] = [this.#of(from), this.#of(to)];
    const [sourceId, targetId] = (await Promise.all([
      source.call("CLUSTER", "MYID"),
      target.call("CLUSTER", "MYID"),
    ])) as [string, string];
    await target.call("CLUSTER", "SETSLOT", slot, "IMPORTING", sourceId);
    await source.call("CLUSTER", "SETSLOT", slot, "MIGRATING", targetId);
    const left = async () => (await source.call("CLUSTER", "GETKEYSINSLOT", slot, 1_000)) as string[];
    const send = async (...keys: string[]) => {
      if (keys.length > 0)
        await source.call("MIGRATE", "127.0.0.1", to.port, "", 0, 5_000, "REPLACE", "KEYS", ...keys);
    };
    return {
      left,
      send,
      leaveCopies: async () => {
        await source.call("MIGRATE", "127.0.0.1", to.port, "", 0, 5_000, "COPY", "KEYS", ...(await left()));
        for (const node of [source, target]) await node.call("CLUSTER", "SETSLOT", slot, "STABLE");
      },
      finish: async () => {
        for (let keys = await left(); keys.length > 0; keys = await left()) await send(...keys);
        // The new owner first: so nobody is ever told of an owner who does not know it yet.
        const others = [...this.#clients.values()].filter((each) => each !== source && each !== target);
        for (const node of [target, source, ...others])
          await node.call("CLUSTER", "SETSLOT", slot, "NODE", targetId);
      },
    };
  }

  /** Moves a slot as a whole. */
  async move(slot: number, from: TestServer, to: TestServer): Promise<void> {
    await (await this.begin(slot, from, to)).finish();
  }

  #of(node: TestServer): Redis {
    const client = this.#clients.get(node);
    if (client === undefined) throw new Error("not one of these primaries");
    return client;
  }
}
