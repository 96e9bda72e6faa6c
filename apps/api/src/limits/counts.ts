import { hash } from "node:crypto";
import type { Store } from "@mayfly/store";
import type { FastifyInstance } from "fastify";
import type { Clock } from "../clock.ts";
import { allowance, type Client } from "./client.ts";
import { type Window, Windows } from "./windows.ts";

const DAY_MS = 86_400_000;
/** How often the counts of the processes that share a key are brought together. */
const SHARE_EVERY_MS = 1_000;

/** What each process adds to a bucket between two reconciliations. */
interface Unshared {
  readonly windowMs: number;
  readonly window: Window;
  amount: number;
}

export interface CountsOptions {
  readonly clock: Clock;
  /** 32 characters or more that nobody else knows. */
  readonly key: string;
  /** Where processes with the same key bring their counts together; null: this process counts by itself. */
  readonly store: Pick<Store, "tally"> | null;
}

/**
 * How much each client has done of each kind of thing, in fixed windows that start with the first amount. All in memory, so that no
 * request waits for the store because of a limit. Once a second what was added is sent to the store in one batch, and the totals
 * of all processes come back. Without an answer from the store this process counts by itself.
 */
export class Counts {
  readonly #options: CountsOptions;
  readonly #windows = new Map<number, Windows>();
  #unshared = new Map<string, Unshared>();
  #sharing = false;
  #day = -1;
  #dayKey = "";

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
  take(kind: string, client: Client, windowMs: number, amount: number, most: number): number {
    const waitMs = this.#wait(kind, client, windowMs, amount, most);
    if (waitMs === 0) for (const name of client) this.#add(this.#bucket(kind, name), windowMs, amount);
    return waitMs;
  }

  /** As `take`, but adds nothing. What other processes have counted for a client that is new here is known at the next call. */
  wait(kind: string, client: Client, windowMs: number, amount: number, most: number): number {
    for (const name of client) this.#add(this.#bucket(kind, name), windowMs, 0);
    return this.#wait(kind, client, windowMs, amount, most);
  }

  #wait(kind: string, client: Client, windowMs: number, amount: number, most: number): number {
    const now = this.#options.clock.monotonic();
    for (const [index, name] of client.entries()) {
      const bucket = this.#bucket(kind, name);
      const window = this.#of(windowMs).running(bucket, now);
      if ((window?.total ?? 0) + amount > allowance(most, index))
        return window === undefined ? windowMs : window.endsAt - now;
    }
    return 0;
  }

  /** Takes back what `take` has added. */
  give(kind: string, client: Client, windowMs: number, amount: number): void {
    for (const name of client) this.#add(this.#bucket(kind, name), windowMs, -amount);
  }

  /** Sends what was added since the last time. A batch that fails is not sent again: some of it may have been added. Never throws. */
  async share(): Promise<void> {
    const { store, clock } = this.#options;
    if (store === null || this.#sharing || this.#unshared.size === 0) return;
    const sent = [...this.#unshared];
    this.#unshared = new Map();
    this.#sharing = true;
    try {
      const entries = sent.map(([bucket, { windowMs, amount }]) => ({ bucket, windowMs, amount }));
      const totals = await store.tally(entries);
      const now = clock.monotonic();
      for (const [at, [bucket, { window }]] of sent.entries()) {
        const { total, resetMs } = totals[at] ?? { total: 0, resetMs: 0 };
        window.total = total + (this.#unshared.get(bucket)?.amount ?? 0);
        window.endsAt = now + resetMs;
      }
    } catch {
      // The store's own verbs say that it is away. This process goes on counting by itself.
    } finally {
      this.#sharing = false;
    }
  }

  #add(bucket: string, windowMs: number, amount: number): void {
    const windows = this.#of(windowMs);
    const now = this.#options.clock.monotonic();
    const window = windows.running(bucket, now) ?? windows.begin(bucket, now);
    window.total = Math.max(0, window.total + amount);
    if (this.#options.store === null) return;
    const unshared = this.#unshared.get(bucket);
    if (unshared?.window === window) unshared.amount += amount;
    else this.#unshared.set(bucket, { windowMs, window, amount });
  }

  #of(windowMs: number): Windows {
    const windows = this.#windows.get(windowMs) ?? new Windows(windowMs);
    this.#windows.set(windowMs, windows);
    return windows;
  }

  /** A keyed hash, another one for each kind and each day: no address leaves the process, and none is kept in it. */
  #bucket(kind: string, name: string): string {
    const day = Math.floor(this.#options.clock.wall() / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayKey = hash("sha256", `${this.#options.key}|${day}`, "base64url");
    }
    return hash("sha256", `${this.#dayKey}${kind}|${name}`, "base64url").slice(0, 22);
  }
}
