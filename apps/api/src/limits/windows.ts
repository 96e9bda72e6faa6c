/** Windows of one generation; two are kept, and beyond them the oldest are forgotten, ended or not. */
const MOST_WINDOWS = 50_000;

export interface Window {
  total: number;
  endsAt: number;
}

/** The windows of one client, by what they count. */
type WindowsByKind = Record<string, Window>;

/** Clients whose windows began about the same time, thrown away together when the last window has ended. */
class Generation {
  readonly clients = new Map<string, WindowsByKind>();
  size = 0;
  endsAt = 0;
}

/**
 * Totals of one window length, by client and kind. Bounded. Times on a clock that never goes back. One entry holds all windows of a
 * client: most of a count's time is the look-up of a client that was not looked up just before.
 */
export class Windows {
  readonly #lengthMs: number;
  #young = new Generation();
  #old = new Generation();

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** The window that runs; undefined: none does. */
  running(client: string, kind: string, now: number): Window | undefined {
    const window = (this.#young.clients.get(client) ?? this.#old.clients.get(client))?.[kind];
    return window !== undefined && window.endsAt > now ? window : undefined;
  }

  begin(client: string, kind: string, now: number): Window {
    if (this.#old.endsAt <= now || this.#young.size >= MOST_WINDOWS) {
      this.#old = this.#young;
      this.#young = new Generation();
    }
    const window = { total: 0, endsAt: now + this.#lengthMs };
    const young = this.#young;
    let windows = young.clients.get(client);
    if (windows === undefined) {
      windows = { ...this.#old.clients.get(client) };
      young.clients.set(client, windows);
      young.size += Object.keys(windows).length;
    }
    if (windows[kind] === undefined) young.size += 1;
    windows[kind] = window;
    young.endsAt = window.endsAt;
    return window;
  }
}
