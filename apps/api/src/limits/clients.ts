import type { Clock } from "@mayfly/config";
import { allowance, namesOf } from "./client.ts";
import { Recent } from "./recent.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who sends it: the forwarded address where the peer is a trusted proxy. */
    address: string;
    client: Client;
  }
}

/** Names of one generation; two are kept. */
const MOST_NAMES = 50_000;
/** The longest window: a name without use for so long has none that runs. */
const AGE_MS = 3_600_000;
/** Addresses whose names are found at once, for the few requests of a visit. */
const MOST_ADDRESSES = 4_096;

/** How much of one kind of thing a client may do in a time. */
export interface Quota {
  readonly kind: string;
  readonly most: number;
  readonly windowMs: number;
}

/** What one name did of one kind, in a time that begins with the first amount. */
export interface Window {
  readonly name: Name;
  readonly quota: Quota;
  total: number;
  /** Of the total, what the store has not been sent. */
  unshared: number;
  endsAt: number;
}

/** An IPv4 address or a prefix of IPv6, with all that is counted under it. */
export interface Name {
  readonly text: string;
  /** What it did in a time, by kind. */
  readonly windows: Record<string, Window>;
  /** What it has now. */
  bytes: number;
  connections: number;
}

/** The names of one client, narrowest first. */
export type Client = readonly Name[];

/** Everybody who came lately. The limits look a client up once for each request. */
export class Clients {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #names = new Recent<Name>(
    MOST_NAMES,
    AGE_MS,
    ({ bytes, connections }) => bytes > 0 || connections > 0,
  );
  /** Of this generation alone, so that a name in use is not forgotten. */
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

/** False, and nothing is changed, when a name of the client would then have more than its allowance of `most`. */
export function hold(client: Client, what: "bytes" | "connections", amount: number, most: number): boolean {
  let index = 0;
  for (const name of client) if (name[what] + amount > allowance(most, index++)) return false;
  for (const name of client) name[what] += amount;
  return true;
}

/** Takes back what was held. */
export function release(client: Client, what: "bytes" | "connections", amount: number): void {
  for (const name of client) name[what] -= amount;
}
