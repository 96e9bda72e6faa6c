import type { Clock } from "@mayfly/config";
import { allowance, namesOf } from "./client-names.ts";
import { Recent } from "./recent.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The sender: the forwarded address if the peer is a trusted proxy. */
    address: string;
    client: Client;
  }
}

/** Names of one generation; two are kept. */
const MOST_NAMES = 50_000;
/** The longest window: a name that was not used for this long has no running window. */
const AGE_MS = 3_600_000;
/** Addresses whose names are cached, for the few requests of a visit. */
const MOST_ADDRESSES = 4_096;

/** How much of one kind a client may do in a window. */
export interface Quota {
  readonly kind: string;
  readonly most: number;
  readonly windowMs: number;
}

/** The total of one name and kind in a window that begins with the first amount. */
export interface Window {
  readonly name: Name;
  readonly quota: Quota;
  total: number;
  /** The part of the total that was not sent to the store yet. */
  unshared: number;
  endsAt: number;
}

/** An IPv4 address or an IPv6 prefix, and what is counted for it. */
export interface Name {
  readonly text: string;
  /** By kind. */
  readonly windows: Record<string, Window>;
  /** Held now. */
  bytes: number;
  connections: number;
}

/** The names of one client, narrowest first. */
export type Client = readonly Name[];

/** Recent clients. The limits look a client up once for each request. */
export class Clients {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #names = new Recent<Name>(
    MOST_NAMES,
    AGE_MS,
    ({ bytes, connections }) => bytes > 0 || connections > 0,
  );
  /** Cleared with each generation, so that a used name moves to the young generation. */
  readonly #byAddress = new Map<string, Client>();
  #generation = 0;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  of(address: string): Client {
    const names = this.#names.at(this.#clock.monotonic());
    if (names.generation !== this.#generation || this.#byAddress.size >= MOST_ADDRESSES) {
      this.#byAddress.clear();
      this.#generation = names.generation;
    }
    let client = this.#byAddress.get(address);
    if (client === undefined) {
      client = namesOf(address).map((text) => this.#name(text));
      this.#byAddress.set(address, client);
    }
    return client;
  }

  /** How many names are known. */
  get size(): number {
    return this.#names.size;
  }

  #name(text: string): Name {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = { text, windows: {}, bytes: 0, connections: 0 };
    this.#names.set(text, name);
    return name;
  }
}

/** Adds `amount`. False, without a change, if a name of the client would then exceed its allowance of `most`. */
export function hold(client: Client, what: "bytes" | "connections", amount: number, most: number): boolean {
  let index = 0;
  for (const name of client) if (name[what] + amount > allowance(most, index++)) return false;
  for (const name of client) name[what] += amount;
  return true;
}

/** Subtracts what `hold` added. */
export function release(client: Client, what: "bytes" | "connections", amount: number): void {
  for (const name of client) name[what] -= amount;
}
