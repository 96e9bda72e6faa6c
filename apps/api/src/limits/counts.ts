import { hash } from "node:crypto";
import type { Clock } from "@mayfly/config";
import type { RateLimits } from "@mayfly/store";
import type { FastifyInstance } from "fastify";
import { allowance } from "./client-names.ts";
import type { Client, Name, Quota, Window } from "./clients.ts";

const DAY_MS = 86_400_000;
/** How often the counts of the processes that share a key are brought together. */
const SHARE_EVERY_MS = 1_000;

interface CountsOptions {
  readonly clock: Clock;
  /** 32 characters or more that nobody else knows. */
  readonly key: string;
  /** Where processes with the same key bring their counts together; null: this process counts by itself. */
  readonly store: RateLimits | null;
}

/**
 * How much each client has done of each kind of thing, in fixed windows. All in memory, so that no request waits for the store because
 * of a limit. Once a second what was added is sent to the store in one batch, and the totals of all processes come back. Without an
 * answer from the store this process counts by itself.
 */
export class Counts {
  readonly #options: CountsOptions;
  #unshared = new Set<Window>();
  #sharing = false;

  constructor(options: CountsOptions) {
    this.#options = options;
  }

  /** While the app listens. */
  shareWhileListening(app: FastifyInstance): void {
    if (this.#options.store === null) return;
    app.server.on("listening", () => {
      const sharing = setInterval(() => void this.share(), SHARE_EVERY_MS).unref();
      app.server.once("close", () => clearInterval(sharing));
    });
  }

  /**
   * Adds `amount` under all names of a client, if none of them then exceeds its allowance; otherwise adds nothing. 0: added.
   * Otherwise milliseconds until the window that is exceeded ends.
   */
  take(client: Client, quota: Quota, amount = 1): number {
    const now = this.#options.clock.monotonic();
    const waitMs = waitOf(client, quota, amount, now);
    if (waitMs === 0) for (const name of client) this.#add(name, quota, amount, now);
    return waitMs;
  }

  /** As `take`, but adds nothing. What other processes have counted for a client that is new here is known at the next call. */
  wait(client: Client, quota: Quota, amount: number): number {
    const now = this.#options.clock.monotonic();
    if (this.#options.store !== null) for (const name of client) this.#add(name, quota, 0, now);
    return waitOf(client, quota, amount, now);
  }

  /** Takes back what `take` has added. */
  give(client: Client, quota: Quota, amount = 1): void {
    const now = this.#options.clock.monotonic();
    for (const name of client) this.#add(name, quota, -amount, now);
  }

  /** Sends what was added since the last time. A batch that fails is not sent again: some of it may have been added. Never throws. */
  async share(): Promise<void> {
    const { store, clock, key } = this.#options;
    if (store === null || this.#sharing || this.#unshared.size === 0) return;
    const sent = [...this.#unshared];
    this.#unshared = new Set();
    this.#sharing = true;
    try {
      const day = `${key}|${Math.floor(clock.wall() / DAY_MS)}`;
      // With the kind, so that the store's buckets do not show which belong to one client.
      const amounts = sent.map(({ name, quota: { kind, windowMs }, unshared }) => ({
        bucket: hash("sha256", `${day}|${kind}|${name.text}`, "base64url").slice(0, 22),
        windowMs,
        amount: unshared,
      }));
      for (const window of sent) window.unshared = 0;
      const totals = await store.take(amounts);
      const now = clock.monotonic();
      for (const [at, window] of sent.entries()) {
        const { total, resetMs } = totals[at] ?? { total: 0, resetMs: 0 };
        window.total = total + window.unshared;
        window.endsAt = now + resetMs;
      }
    } catch {
      // The store's own verbs say that it is away. This process goes on counting by itself.
    } finally {
      this.#sharing = false;
    }
  }

  #add(name: Name, quota: Quota, amount: number, now: number): void {
    let window = name.windows[quota.kind];
    if (window === undefined || window.endsAt <= now) {
      if (window !== undefined) this.#unshared.delete(window);
      window = { name, quota, total: 0, unshared: 0, endsAt: now + quota.windowMs };
      name.windows[quota.kind] = window;
    }
    window.total = Math.max(0, window.total + amount);
    if (this.#options.store === null) return;
    window.unshared += amount;
    this.#unshared.add(window);
  }
}

function waitOf(client: Client, { kind, most, windowMs }: Quota, amount: number, now: number): number {
  let index = 0;
  for (const { windows } of client) {
    const window = windows[kind];
    const runs = window !== undefined && window.endsAt > now;
    if ((runs ? window.total : 0) + amount > allowance(most, index++))
      return runs ? window.endsAt - now : windowMs;
  }
  return 0;
}
