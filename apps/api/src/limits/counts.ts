import { hash } from "node:crypto";
import type { RateLimits } from "@mayfly/store";
import type { FastifyInstance } from "fastify";
import type { Clock } from "../clock.ts";
import { allowance, type Client } from "./client.ts";
import { type Window, Windows } from "./windows.ts";

const DAY_MS = 86_400_000;
/** How often the counts of the processes that share a key are brought together. */
const SHARE_EVERY_MS = 1_000;

/** Clients whose hashes are remembered, so that the few requests of one visit hash its names once. */
const MOST_HASHED = 4_096;

/** What each process adds to a bucket between two reconciliations. */
interface Unshared {
  readonly windowMs: number;
  readonly window: Window;
  amount: number;
}

/** The hash of a client's name, with the window that runs for one kind of thing. */
interface Place {
  readonly id: string;
  window: Window | undefined;
}

export interface CountsOptions {
  readonly clock: Clock;
  /** 32 characters or more that nobody else knows. */
  readonly key: string;
  /** Where processes with the same key bring their counts together; null: this process counts by itself. */
  readonly store: RateLimits | null;
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
  /** Of this day, by the client's first name, which decides the others. */
  readonly #hashes = new Map<string, readonly string[]>();

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
    const now = this.#options.clock.monotonic();
    const places = this.#places(kind, client, windowMs, now);
    const waitMs = this.#wait(places, now, windowMs, amount, most);
    if (waitMs === 0) for (const place of places) this.#add(place, kind, now, windowMs, amount);
    return waitMs;
  }

  /** As `take`, but adds nothing. What other processes have counted for a client that is new here is known at the next call. */
  wait(kind: string, client: Client, windowMs: number, amount: number, most: number): number {
    const now = this.#options.clock.monotonic();
    const places = this.#places(kind, client, windowMs, now);
    for (const place of places) this.#add(place, kind, now, windowMs, 0);
    return this.#wait(places, now, windowMs, amount, most);
  }

  /** Takes back what `take` has added. */
  give(kind: string, client: Client, windowMs: number, amount: number): void {
    const now = this.#options.clock.monotonic();
    for (const place of this.#places(kind, client, windowMs, now))
      this.#add(place, kind, now, windowMs, -amount);
  }

  /** Sends what was added since the last time. A batch that fails is not sent again: some of it may have been added. Never throws. */
  async share(): Promise<void> {
    const { store, clock } = this.#options;
    if (store === null || this.#sharing || this.#unshared.size === 0) return;
    const sent = [...this.#unshared];
    this.#unshared = new Map();
    this.#sharing = true;
    try {
      // Hashed once more: what the store has of one client's kinds of things does not show that they are one client's.
      const entries = sent.map(([bucket, { windowMs, amount }]) => ({
        bucket: hash("sha256", bucket, "base64url").slice(0, 22),
        windowMs,
        amount,
      }));
      const totals = await store.take(entries);
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

  #places(kind: string, client: Client, windowMs: number, now: number): readonly Place[] {
    const windows = this.#of(windowMs);
    return this.#ids(client).map((id) => ({ id, window: windows.running(id, kind, now) }));
  }

  #wait(places: readonly Place[], now: number, windowMs: number, amount: number, most: number): number {
    for (const [index, { window }] of places.entries()) {
      if ((window?.total ?? 0) + amount > allowance(most, index))
        return window === undefined ? windowMs : window.endsAt - now;
    }
    return 0;
  }

  #add(place: Place, kind: string, now: number, windowMs: number, amount: number): void {
    place.window ??= this.#of(windowMs).begin(place.id, kind, now);
    const { id, window } = place;
    window.total = Math.max(0, window.total + amount);
    if (this.#options.store === null) return;
    const bucket = `${kind}|${id}`;
    const unshared = this.#unshared.get(bucket);
    if (unshared?.window === window) unshared.amount += amount;
    else this.#unshared.set(bucket, { windowMs, window, amount });
  }

  #of(windowMs: number): Windows {
    const windows = this.#windows.get(windowMs) ?? new Windows(windowMs);
    this.#windows.set(windowMs, windows);
    return windows;
  }

  /** Keyed hashes of the names, others each day: no address leaves the process. */
  #ids(client: Client): readonly string[] {
    const day = Math.floor(this.#options.clock.wall() / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#dayKey = hash("sha256", `${this.#options.key}|${day}`, "base64url");
      this.#hashes.clear();
    }
    const [first = ""] = client;
    const known = this.#hashes.get(first);
    if (known !== undefined) return known;
    const ids = client.map((name) => hash("sha256", `${this.#dayKey}|${name}`, "base64url"));
    if (this.#hashes.size >= MOST_HASHED) this.#hashes.clear();
    this.#hashes.set(first, ids);
    return ids;
  }
}
