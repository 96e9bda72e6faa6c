import { hash } from "node:crypto";
import type { Clock } from "@mayfly/config";
import { limitedFor } from "../http/problem.ts";
import { allowance } from "./client-names.ts";
import type { Client } from "./clients.ts";

/** Beyond them the oldest is forgotten, which then counts like any other. */
const MOST_CLAIMS = 50_000;

/** Leases that one client may have at once of one secret with unlimited reads. The store lets all together have 1,000. */
export const LEASES_OF_ONE = 50;

/** A process notices a halt so much late at most. */
const NOTICED_MS = 1_000;

interface Live {
  readonly until: number;
  /** The client's names for the leases of this secret; null where its reads are counted. */
  readonly leases: readonly string[] | null;
}

/**
 * The claims that this process has answered and whose lease may still run. No rate limit stops them: within its lease a claim may
 * repeat its read and go on. Kept as hashes.
 */
export class Claims {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  /** Oldest first. */
  readonly #live = new Map<string, Live>();
  readonly #leasesOfOne: number;
  /** How many leases of a secret a client has, by both names. */
  readonly #leases = new Map<string, number>();

  constructor(clock: Clock, leaseMs: number, leasesOfOne: number) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
    this.#leasesOfOne = leasesOfOne;
  }

  isLive(id: string, claim: string): boolean {
    const live = this.#live.get(keyOf(id, claim));
    return live !== undefined && live.until > this.#clock.monotonic();
  }

  /**
   * Before the store is asked to open: throws `rate_limited` when the client has as many leases of this secret as it may. To be told
   * whether the claim has a lease now, and whether the secret's reads are unlimited.
   */
  open(id: string, claim: string, client: Client): (opened: boolean, unlimited?: boolean) => void {
    this.#forgetEnded();
    const key = keyOf(id, claim);
    if (this.#live.has(key))
      return (opened) => {
        if (opened) this.renew(id, claim);
      };
    const leases = client.map(({ text }) => `${text} ${id}`);
    this.#lease(leases);
    return (opened, unlimited = false) => {
      const isNew = opened && !this.#live.has(key);
      if (!isNew || !unlimited) this.#endLease(leases);
      if (isNew) this.#keep(key, unlimited ? leases : null);
    };
  }

  /** A step of a claim was answered: its lease runs for as long as one does, at most. */
  renew(id: string, claim: string): void {
    const key = keyOf(id, claim);
    const leases = this.#live.get(key)?.leases ?? null;
    this.#live.delete(key);
    this.#keep(key, leases);
  }

  /** A halt of this length is over: the leases that it cut off get their time anew. */
  resume(haltedMs: number): void {
    const now = this.#clock.monotonic();
    for (const [key, live] of this.#live)
      if (live.until > now - haltedMs - NOTICED_MS)
        this.#live.set(key, { ...live, until: now + this.#leaseMs });
  }

  /** It was acknowledged. */
  forget(id: string, claim: string): void {
    this.#drop(keyOf(id, claim));
  }

  #lease(leases: readonly string[]): void {
    for (const [index, name] of leases.entries())
      if ((this.#leases.get(name) ?? 0) >= allowance(this.#leasesOfOne, index))
        throw limitedFor(this.#leaseMs);
    for (const name of leases) this.#leases.set(name, (this.#leases.get(name) ?? 0) + 1);
  }

  #endLease(leases: readonly string[]): void {
    for (const name of leases) {
      const left = (this.#leases.get(name) ?? 0) - 1;
      if (left > 0) this.#leases.set(name, left);
      else this.#leases.delete(name);
    }
  }

  #keep(key: string, leases: Live["leases"]): void {
    this.#live.set(key, { until: this.#clock.monotonic() + this.#leaseMs, leases });
    if (this.#live.size > MOST_CLAIMS) this.#drop(this.#live.keys().next().value as string);
  }

  #drop(key: string): void {
    const live = this.#live.get(key);
    if (live === undefined) return;
    this.#live.delete(key);
    if (live.leases !== null) this.#endLease(live.leases);
  }

  #forgetEnded(): void {
    const now = this.#clock.monotonic();
    for (const [key, { until }] of this.#live) {
      if (until > now) return;
      this.#drop(key);
    }
  }
}

function keyOf(id: string, claim: string): string {
  return hash("sha256", `${id}${claim}`, "base64url");
}
